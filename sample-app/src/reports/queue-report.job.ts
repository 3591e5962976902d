import { Logger } from '@nestjs/common';
import { Job, QueueManager, Schedule, type JobContext, type JobHandler } from 'nestjs-job-queue';

/** Reports what waits in the queues: each night, also if no worker ran at that time. Operators can run it at once. */
@Schedule('0 2 * * *', { timeZone: 'Europe/Berlin', overlap: false })
@Job('queue-report')
export class QueueReportJob implements JobHandler<undefined, void> {
  private readonly logger = new Logger(QueueReportJob.name);

  constructor(private readonly queue: QueueManager) {}

  async handle(_data: undefined, job: JobContext): Promise<void> {
    const lines = await Promise.all((await this.queue.queues()).map((name) => this.describe(name)));
    this.logger.log(`${job.metadata['scheduledFor']}: ${lines.join('; ')}`);
  }

  private async describe(name: string): Promise<string> {
    const { ready, delayed, failed } = await this.queue.counts(name);
    return `${name}: ${ready} ready, ${delayed} delayed, ${failed} failed`;
  }
}

import { Controller, Get } from '@nestjs/common';
import { QueueManager, type QueueCounts } from 'nestjs-job-queue';

interface QueueSummary extends QueueCounts {
  readonly name: string;
}

@Controller('queues')
export class QueuesController {
  constructor(private readonly queue: QueueManager) {}

  /** The queues that jobs were pushed to, and how many jobs there are in which state. */
  @Get()
  async list(): Promise<QueueSummary[]> {
    const names = await this.queue.queues();
    return Promise.all(names.map((name) => this.summarize(name)));
  }

  private async summarize(name: string): Promise<QueueSummary> {
    return { name, ...(await this.queue.counts(name)) };
  }
}

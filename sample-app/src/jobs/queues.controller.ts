import { Controller, Get } from '@nestjs/common';
import { QueueManager, type QueueCounts } from 'nestjs-job-queue';

interface QueueSummary extends QueueCounts {
  readonly name: string;
}

@Controller('counts')
export class QueuesController {
  constructor(private readonly queue: QueueManager) {}

  /** Lists the queues that have had jobs, with the number of their jobs in each state. */
  @Get()
  async list(): Promise<QueueSummary[]> {
    const names = await this.queue.queues();
    return Promise.all(names.map((name) => this.summarize(name)));
  }

  private async summarize(name: string): Promise<QueueSummary> {
    return { name, ...(await this.queue.counts(name)) };
  }
}

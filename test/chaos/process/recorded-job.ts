import { Injectable } from '@nestjs/common';
import type { JobContext, JobHandler } from '../../../lib/index.js';
import { History } from './history.js';

/** A job that records its start and its end. */
@Injectable()
export abstract class RecordedJob<Data> implements JobHandler<Data> {
  constructor(protected readonly history: History) {}

  async handle(data: Data, job: JobContext): Promise<void> {
    const { id, name, queue, attempt, fence } = job;
    this.history.write({ type: 'start', queue, id, name, attempt, fence });
    let error: string | undefined;
    try {
      await this.work(data, job);
    } catch (thrown) {
      error = (thrown as Error).message;
      throw thrown;
    } finally {
      this.history.write({ type: 'end', queue, id, fence, ...(error !== undefined && { error }) });
    }
  }

  protected abstract work(data: Data, job: JobContext): void | Promise<void>;
}

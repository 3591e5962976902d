import { Injectable } from '@nestjs/common';
import type { ChunkHandler, ChunkItem } from '../../../lib/index.js';
import { History } from './history.js';

/** A job with many items in one call that records the start and the end of each item. */
@Injectable()
export abstract class RecordedChunk<Data> implements ChunkHandler<Data> {
  constructor(protected readonly history: History) {}

  async handleChunk(items: readonly ChunkItem<Data>[]): Promise<void> {
    for (const { job } of items) {
      const { id, name, queue, attempt, fence } = job;
      this.history.write({ type: 'start', queue, id, name, attempt, fence });
    }
    const errors = await this.work(items);
    for (const item of items) {
      const { id, queue, fence } = item.job;
      const error = errors.get(id);
      if (error) item.retry(error);
      this.history.write({ type: 'end', queue, id, fence, ...(error && { error: error.message }) });
    }
  }

  /** Returns the errors of the items that fail this attempt, by id. */
  protected abstract work(items: readonly ChunkItem<Data>[]): Promise<ReadonlyMap<string, Error>>;
}

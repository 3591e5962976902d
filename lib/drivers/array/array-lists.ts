import type { ListedState } from '../../job/job-status.js';
import {
  LIST_PLACES,
  type ListPage,
  type ListRequest,
  type QueueLists,
  type StoredJob,
} from '../queue-lists.interface.js';
import type { ArrayQueue } from './array-queue.js';

/** Lists jobs. */
export class ArrayLists implements QueueLists {
  constructor(
    private readonly states: ReadonlyMap<string, ArrayQueue>,
    private readonly countConsumers: (queue: string) => number,
    private readonly assertOpen: () => void,
  ) {}

  async page(queue: string, request: ListRequest): Promise<ListPage> {
    this.assertOpen();
    return this.promoted(queue)?.listing.page(request) ?? { jobs: [], skipped: 0 };
  }

  async total(queue: string, states: readonly ListedState[]): Promise<number> {
    this.assertOpen();
    const listing = this.promoted(queue)?.listing;
    return LIST_PLACES.reduce((sum, place) => sum + (listing?.count(place, states) ?? 0), 0);
  }

  async find(id: string, queues: readonly string[]): Promise<StoredJob | null> {
    this.assertOpen();
    for (const queue of queues) {
      const job = this.promoted(queue)?.listing.find(id, queue);
      if (job) return job;
    }
    return null;
  }

  async consumers(queue: string): Promise<number> {
    this.assertOpen();
    return this.countConsumers(queue);
  }

  private promoted(queue: string): ArrayQueue | undefined {
    const state = this.states.get(queue);
    // The counts promote the due jobs.
    state?.counts();
    return state;
  }
}

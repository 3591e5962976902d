import type { ListedState } from '../../job/job-status.js';
import {
  LIST_PLACES,
  type ListPage,
  type ListRequest,
  type QueueLists,
  type QueueOverview,
  type StoredJob,
} from '../queue-lists.interface.js';
import type { MonotonicClock } from '../../support/clock.js';
import type { ArrayQueue } from './array-queue.js';

/** Lists jobs. */
export class ArrayLists implements QueueLists {
  constructor(
    private readonly states: ReadonlyMap<string, ArrayQueue>,
    private readonly countConsumers: (queue: string) => number,
    private readonly clock: MonotonicClock,
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

  async overview(queue: string): Promise<QueueOverview> {
    this.assertOpen();
    const state = this.states.get(queue);
    const counts = state?.counts() ?? { ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 };
    const { limits = {}, heldUntil = null } = state?.limits.state ?? {};
    const { groups: _, ...own } = limits;
    const ended = state?.listing.count('ended', ['completed', 'cancelled']) ?? 0;
    const isPaused = state?.pause.isOn ?? false;
    return { ...counts, ended, isPaused, heldUntil, limits: own, now: this.clock.now() };
  }

  private promoted(queue: string): ArrayQueue | undefined {
    const state = this.states.get(queue);
    // The counts promote the due jobs.
    state?.counts();
    return state;
  }
}

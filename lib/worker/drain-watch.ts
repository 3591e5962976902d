import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import type { JobPool } from './job-pool.js';
import type { QueueFetcher } from './queue-fetcher.js';
import type { SessionEvents } from './session-events.js';

/**
 * Tells when a queue has run dry: this worker has ended its last job of it, and no process has one. It asks the storage, so do not call it
 * if nobody listens.
 */
export class DrainWatch {
  /** The queues of which this worker had jobs since they ran dry. */
  private readonly worked = new Set<string>();

  constructor(
    private readonly driver: QueueDriver,
    private readonly pool: JobPool,
    private readonly events: SessionEvents,
    private readonly fetchers: readonly QueueFetcher[],
  ) {}

  /** Takes in the reply to a poll, while its jobs are held. @param hasJobs whether it brought jobs */
  took(fetcher: QueueFetcher, hasJobs: boolean): void {
    const { queue, batcher } = fetcher;
    if (hasJobs) this.worked.add(queue);
    // A further poll under way may settle jobs: then its reply leads here again.
    const isLast = batcher.inFlight.length <= 1 && !batcher.hasSettlements;
    if (isLast && this.worked.has(queue) && !this.pool.holds(queue) && !this.isSettling(fetcher)) this.look(queue);
  }

  /** Tells whether another partition of the queue has jobs to settle: its reply leads here as well. */
  private isSettling({ queue, stored }: QueueFetcher): boolean {
    return this.fetchers.some(
      ({ queue: other, stored: name, batcher }) =>
        other === queue &&
        name !== stored &&
        (batcher.hasSettlements || batcher.inFlight.some(({ request }) => request.settlements.length > 0)),
    );
  }

  private look(queue: string): void {
    this.worked.delete(queue);
    this.driver.counts(queue).then(
      ({ ready, blocked, reserved }) => {
        if (ready + blocked + reserved === 0) this.events.drained(queue);
      },
      // The storage is away: the next job of the queue leads here again.
      () => this.worked.add(queue),
    );
  }
}

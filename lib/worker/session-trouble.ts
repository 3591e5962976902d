import type { PollResult } from '../drivers/queue-driver.interface.js';
import { LeaseLostError, QueueClosedError } from '../queue.errors.js';
import type { JobPool } from './job-pool.js';
import type { QueueFetcher } from './queue-fetcher.js';
import type { QueueSelector } from './queue-selector.js';
import type { SessionEvents } from './session-events.js';
import type { SessionLog } from './session-log.js';

/** What a session does when something went wrong: it gives up jobs, leaves a queue alone, and tells of it. */
export class SessionTrouble {
  constructor(
    private readonly pool: JobPool,
    private readonly selector: QueueSelector,
    private readonly log: SessionLog,
    private readonly events: SessionEvents,
  ) {}

  /** Logs the refused, dangling and recovered jobs of a reply, and emits the events of the recovered ones. */
  report({ queue, stored }: QueueFetcher, result: PollResult): void {
    this.log.answered(stored, result);
    this.events.recovered(queue, result.takenOver);
  }

  /**
   * Gives up the jobs of a queue whose lease was lost: other workers may run them.
   *
   * @returns how many of them had not begun
   */
  abandon(fetcher: QueueFetcher): number {
    if (!fetcher.loseLease()) return 0;
    const { queue } = fetcher;
    const reason = new LeaseLostError(queue);
    const { buffered, running } = this.pool.abandon(fetcher, reason);
    // A worker that held nothing has lost nothing.
    if (buffered + running > 0) this.log.leaseLost(reason);
    this.events.leaseLost(queue);
    return buffered;
  }

  /**
   * Takes in the error of a poll.
   *
   * @returns true if the driver is closed, so that nothing can be settled any more; else the queue is left alone for a while
   */
  isFinal(fetcher: QueueFetcher, error: Error): boolean {
    if (error instanceof QueueClosedError) {
      fetcher.batcher.forget();
      return true;
    }
    this.log.failed(fetcher.stored, error);
    this.selector.pause(fetcher);
    return false;
  }
}

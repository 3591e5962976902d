import type { JobPool } from './job-pool.js';
import type { QueueFetcher } from './queue-fetcher.js';
import type { SessionEvents } from './session-events.js';
import type { SessionLog } from './session-log.js';

/** The paused queues of a session: queues that the storage paused, and queues that are paused in this process. */
export class SessionPauses {
  constructor(
    private readonly fetchers: readonly QueueFetcher[],
    private readonly pool: JobPool,
    private readonly log: SessionLog,
    private readonly events: SessionEvents,
    /** Called with the number of buffered jobs that were requeued. */
    private readonly onRequeued: (count: number) => void,
  ) {}

  /** Takes in that a queue was paused or resumed for all processes. The next poll tells the storage that it is obeyed. */
  halt(fetcher: QueueFetcher, isPaused: boolean): void {
    fetcher.isHalted = isPaused;
    if (isPaused) {
      this.log.paused(fetcher.queue);
      this.events.paused(fetcher.queue);
      fetcher.isCalled = true;
      this.requeueBuffered(fetcher);
    } else {
      this.log.resumed(fetcher.queue);
      this.events.resumed(fetcher.queue);
      fetcher.signal();
    }
  }

  /** Takes in that a queue is held back for a while, for all processes, or is not any more. */
  holdBack(fetcher: QueueFetcher, isHeldBack: boolean): void {
    fetcher.isHeldBack = isHeldBack;
    if (isHeldBack) {
      this.log.heldBack(fetcher.queue);
      this.requeueBuffered(fetcher);
    } else {
      fetcher.signal();
    }
  }

  /**
   * Pauses and resumes queues in this process.
   *
   * @returns the queues that are not paused here
   */
  hold(isPaused: (queue: string) => boolean): string[] {
    const open: string[] = [];
    for (const fetcher of this.fetchers) {
      fetcher.isHeld = isPaused(fetcher.queue);
      if (fetcher.isHeld) this.requeueBuffered(fetcher);
      else open.push(fetcher.queue);
    }
    return open;
  }

  private requeueBuffered(fetcher: QueueFetcher): void {
    this.onRequeued(this.pool.requeueBuffered(fetcher));
  }
}

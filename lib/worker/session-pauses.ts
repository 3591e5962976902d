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
    // Of several partitions the first one that is paused tells it, and the last one that is resumed.
    const { queue } = fetcher;
    const wasPaused = this.isAny(queue, ({ isHalted }) => isHalted);
    fetcher.isHalted = isPaused;
    if (isPaused) {
      if (!wasPaused) {
        this.log.paused(queue);
        this.events.paused(queue);
      }
      fetcher.isCalled = true;
      this.requeueBuffered(fetcher);
    } else {
      if (!this.isAny(queue, ({ isHalted }) => isHalted)) {
        this.log.resumed(queue);
        this.events.resumed(queue);
      }
      fetcher.signal();
    }
  }

  /** Takes in that a queue is held back for a while, for all processes, or is not any more. */
  holdBack(fetcher: QueueFetcher, isHeldBack: boolean): void {
    const wasHeldBack = this.isAny(fetcher.queue, (each) => each.isHeldBack);
    fetcher.isHeldBack = isHeldBack;
    if (isHeldBack) {
      if (!wasHeldBack) this.log.heldBack(fetcher.queue);
      this.requeueBuffered(fetcher);
    } else {
      fetcher.signal();
    }
  }

  /**
   * Pauses and resumes queues in this process.
   *
   * @returns the stored queues that are not paused here
   */
  hold(isPaused: (queue: string) => boolean): string[] {
    const open: string[] = [];
    for (const fetcher of this.fetchers) {
      fetcher.isHeld = isPaused(fetcher.queue);
      if (fetcher.isHeld) this.requeueBuffered(fetcher);
      else open.push(fetcher.stored);
    }
    return open;
  }

  private isAny(queue: string, is: (fetcher: QueueFetcher) => boolean): boolean {
    return this.fetchers.some((fetcher) => fetcher.queue === queue && is(fetcher));
  }

  private requeueBuffered(fetcher: QueueFetcher): void {
    this.onRequeued(this.pool.requeueBuffered(fetcher));
  }
}

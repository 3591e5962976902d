import type { MonotonicClock, Timer } from '../support/clock.js';
import { onDeadline } from '../support/deadline.js';
import type { QueueFetcher } from './queue-fetcher.js';

/** How long a queue is left alone after the storage answered with an error, in milliseconds. */
const ERROR_PAUSE = 1_000;

/**
 * How long slots stay reserved for a pending poll, in milliseconds. After that its node is assumed down, and other queues may use
 * the slots; jobs that arrive late are requeued.
 */
const REPLY_LIMIT = 1_000;

/**
 * Selects the queues that a worker polls next:
 *
 * 1. in strict order a queue waits while a queue before it has jobs; else the queue that was asked last comes last;
 * 2. a queue is asked if it may have jobs, or may have got some unnoticed while another queue kept the worker busy;
 * 3. a queue is left alone after an error, and others do not wait for a reply that is overdue;
 * 4. jobs are claimed beyond the free slots only if no other queue has an equal or better right to the next slot.
 */
export class QueueSelector {
  /** The queues that may be polled, the one to be asked first in front. Only the selector writes it. */
  inOrder: readonly QueueFetcher[];
  /** All queues, the one to be asked first in front. */
  private order: readonly QueueFetcher[];
  private overdue = 0;
  private readonly pauses = new Map<QueueFetcher, Timer>();
  private readonly sentAt = new Map<QueueFetcher, number>();
  private replyWatch: Timer | undefined;

  /**
   * @param strict whether a queue waits while a queue before it has jobs
   * @param onChange called when a queue may be asked again, or need not be waited for any more
   */
  constructor(
    private readonly fetchers: readonly QueueFetcher[],
    readonly strict: boolean,
    private readonly clock: MonotonicClock,
    private readonly onChange: () => void,
  ) {
    this.order = fetchers;
    this.inOrder = fetchers;
  }

  /** How many slots are reserved for replies that are overdue: other queues may use them. */
  get overdueSlots(): number {
    return this.overdue;
  }

  /** Whether no reply is awaited, and no queue is left alone after an error. */
  get isQuiet(): boolean {
    return this.pauses.size === 0 && this.fetchers.every(({ batcher }) => batcher.inFlight.length === 0);
  }

  /** Whether the storage knows how every attempt ended, and no reply is awaited. */
  get isFlushed(): boolean {
    return this.fetchers.every(({ batcher }) => batcher.inFlight.length === 0 && !batcher.hasSettlements);
  }

  /** Whether jobs of a queue may be claimed beyond the free slots. */
  mayPrefetch(fetcher: QueueFetcher): boolean {
    for (const other of this.fetchers) {
      if (other === fetcher) {
        if (this.strict) return true;
      } else if (other.hasMore) {
        return false;
      }
    }
    return true;
  }

  /** Notes that a poll of a queue was sent. With a single queue there is nothing to note. */
  sent(fetcher: QueueFetcher, limit: number): void {
    if (limit > 0 && !this.strict) {
      this.order = [...this.order.filter((other) => other !== fetcher), fetcher];
      this.activate();
    }
    if (!this.sentAt.has(fetcher)) this.watchReply(fetcher);
  }

  /** Notes that a poll of a queue was answered, or failed. With a single queue there is nothing to note. */
  answered(fetcher: QueueFetcher): void {
    this.sentAt.delete(fetcher);
    if (fetcher.batcher.inFlight.length > 0) this.watchReply(fetcher);
    this.countOverdue();
  }

  /** Notes that a queue had more jobs than were claimed. */
  overflowed(fetcher: QueueFetcher): void {
    fetcher.signal();
    if (this.fetchers.length < 2) return;
    for (const other of this.fetchers) {
      if (other === fetcher) {
        if (this.strict) return;
      } else if (this.strict) {
        // Queues in front of it are asked before it is asked again.
        other.signal();
      } else {
        other.stopObserving();
      }
    }
  }

  /** Notes that a queue may have jobs; `null` for all queues. */
  signal(queue: string | null): void {
    for (const fetcher of this.fetchers) if (queue === null || fetcher.queue === queue) fetcher.signal();
  }

  /** Leaves a queue alone for a while, after an error. */
  pause(fetcher: QueueFetcher): void {
    this.pauses.get(fetcher)?.cancel();
    fetcher.pause();
    const timer = this.clock.after(ERROR_PAUSE, () => {
      this.pauses.delete(fetcher);
      fetcher.resume();
      this.activate();
      this.onChange();
    });
    this.pauses.set(fetcher, timer);
    this.activate();
  }

  async close(): Promise<void> {
    this.replyWatch?.cancel();
    for (const timer of this.pauses.values()) timer.cancel();
    this.pauses.clear();
    await Promise.all(this.fetchers.map(({ batcher }) => batcher.close()));
  }

  private activate(): void {
    this.inOrder = this.pauses.size === 0 ? this.order : this.order.filter((fetcher) => !fetcher.isPaused);
  }

  private countOverdue(): void {
    this.overdue = 0;
    for (const fetcher of this.fetchers) if (fetcher.isStalled) this.overdue += fetcher.reserved;
  }

  private watchReply(fetcher: QueueFetcher): void {
    this.sentAt.set(fetcher, this.clock.monotonic());
    this.replyWatch ??= onDeadline(this.clock, REPLY_LIMIT, this.checkReplies);
  }

  private readonly checkReplies = (): void => {
    this.replyWatch = undefined;
    const now = this.clock.monotonic();
    let oldest = Infinity;
    let changed = false;
    for (const [fetcher, sentAt] of this.sentAt) {
      if (fetcher.isStalled) continue;
      if (now - sentAt >= REPLY_LIMIT) {
        fetcher.stall();
        changed = true;
      } else {
        oldest = Math.min(oldest, sentAt);
      }
    }
    if (oldest < Infinity) this.replyWatch = onDeadline(this.clock, oldest + REPLY_LIMIT - now, this.checkReplies);
    if (!changed) return;
    this.countOverdue();
    this.onChange();
  };
}

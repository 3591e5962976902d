import type { RecoveryGate } from '../recovery/recovery-gate.js';
import type { Clock, Timer } from '../support/clock.js';
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
 * 3. a queue is asked for recovered jobs while the gate of this process is open;
 * 4. a queue is left alone after an error, and others do not wait for a reply that is overdue;
 * 5. jobs are claimed beyond the free slots only if no other queue has an equal or better right to the next slot.
 */
export class QueueSelector {
  private order: readonly QueueFetcher[];
  private readonly pauses = new Map<QueueFetcher, Timer>();
  private readonly sentAt = new Map<QueueFetcher, number>();
  private replyWatch: Timer | undefined;

  /**
   * @param strict whether a queue waits while one before it has jobs
   * @param onChange called when a queue may be asked again, or need not be waited for any more
   */
  constructor(
    private readonly fetchers: readonly QueueFetcher[],
    readonly strict: boolean,
    private readonly gate: RecoveryGate,
    private readonly clock: Clock,
    private readonly onChange: () => void,
  ) {
    this.order = fetchers;
  }

  /** The queues that may be polled, the one to be asked first in front. */
  get inOrder(): readonly QueueFetcher[] {
    return this.pauses.size === 0 ? this.order : this.order.filter((fetcher) => !fetcher.isPaused);
  }

  /** How many jobs the polls under way may bring. */
  get reserved(): number {
    let sum = 0;
    for (const fetcher of this.fetchers) sum += fetcher.reserved;
    return sum;
  }

  /** How many slots stay reserved for them. */
  get keptSlots(): number {
    let sum = 0;
    for (const fetcher of this.fetchers) sum += fetcher.keptSlots;
    return sum;
  }

  /** Whether no reply is awaited, and no queue is left alone after an error. */
  get isQuiet(): boolean {
    return this.pauses.size === 0 && this.fetchers.every(({ batcher }) => batcher.inFlight.length === 0);
  }

  /** Whether the storage knows how every attempt ended, and no reply is awaited. */
  get isFlushed(): boolean {
    return this.fetchers.every(({ batcher }) => batcher.inFlight.length === 0 && !batcher.hasSettlements);
  }

  /** Whether any queue is worth a poll. */
  get anyWanted(): boolean {
    for (const fetcher of this.fetchers) if (this.isWanted(fetcher)) return true;
    return false;
  }

  /** Whether asking a queue for jobs is worth a poll. */
  isWanted(fetcher: QueueFetcher): boolean {
    return fetcher.wantsJobs(this.gate.isOpen, this.clock.now());
  }

  /**
   * Returns how many jobs the next poll of a queue claims.
   *
   * @param free how many slots are free; negative if buffered jobs wait for one
   * @param most how many jobs the worker may claim at all
   */
  claimLimit(fetcher: QueueFetcher, free: number, most: number): number {
    if (most <= 0) return 0;
    return fetcher.claimLimit(free, most, this.mayPrefetch(fetcher), this.isWanted(fetcher));
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

  /** Notes that a poll of a queue was sent. */
  sent(fetcher: QueueFetcher, limit: number): void {
    const { length } = this.fetchers;
    if (length < 2) return;
    if (limit > 0 && !this.strict) this.order = [...this.order.filter((other) => other !== fetcher), fetcher];
    if (!this.sentAt.has(fetcher)) this.watchReply(fetcher);
  }

  /** Notes that a poll of a queue was answered, or failed. */
  answered(fetcher: QueueFetcher): void {
    if (this.fetchers.length < 2) return;
    this.sentAt.delete(fetcher);
    if (fetcher.batcher.inFlight.length > 0) this.watchReply(fetcher);
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
      this.onChange();
    });
    this.pauses.set(fetcher, timer);
  }

  async close(): Promise<void> {
    this.replyWatch?.cancel();
    for (const [fetcher, timer] of this.pauses) {
      timer.cancel();
      fetcher.resume();
    }
    this.pauses.clear();
    await Promise.all(this.fetchers.map(({ batcher }) => batcher.close()));
  }

  private watchReply(fetcher: QueueFetcher): void {
    this.sentAt.set(fetcher, this.clock.now());
    this.replyWatch ??= this.clock.after(REPLY_LIMIT, this.checkReplies);
  }

  private readonly checkReplies = (): void => {
    this.replyWatch = undefined;
    const now = this.clock.now();
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
    if (oldest < Infinity) this.replyWatch = this.clock.after(oldest + REPLY_LIMIT - now, this.checkReplies);
    if (changed) this.onChange();
  };
}

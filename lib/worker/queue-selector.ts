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
 * How often an empty queue is asked again while another queue keeps the worker busy, in milliseconds; with more than a
 * hundred queues a millisecond for each, so that all of them together are asked at most a thousand times a second.
 */
const UNOBSERVED_INTERVAL = 100;

/** The most probes under way: a worker may have thousands of queues. */
const MOST_PROBES = 100;

/**
 * Selects the queues that a worker polls next:
 *
 * 1. in strict order a queue waits while a queue before it has jobs; else the queue that was asked last comes last;
 * 2. a queue is asked if it may have jobs, or may have got some unnoticed while another queue kept the worker busy;
 * 3. a queue is left alone after an error, and others do not wait for a reply that is overdue;
 * 4. while the slots are reserved for a reply, the next queues are only asked if they have jobs, many at a time;
 * 5. jobs are claimed beyond the free slots only if no other queue has an equal or better right to the next slot.
 */
export class QueueSelector {
  /** The queues that may be polled, the one to be asked first in front. Only the selector writes it. */
  inOrder: readonly QueueFetcher[];
  /** All queues, the one to be asked first in front. */
  private order: readonly QueueFetcher[];
  private overdue = 0;
  /** The queues that had more jobs than were claimed. */
  private readonly withMore: Set<QueueFetcher>;
  /** The first of them in strict order; `null` if there is none, `undefined` if it has to be searched. */
  private firstWithMore: QueueFetcher | null | undefined;
  private readonly ranks: ReadonlyMap<QueueFetcher, number>;
  private readonly probed = new Set<QueueFetcher>();
  private readonly pauses = new Map<QueueFetcher, Timer>();
  private readonly sentAt = new Map<QueueFetcher, number>();
  private replyWatch: Timer | undefined;

  /**
   * @param fetchers the queues; with {@link add} the list may grow
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
    this.withMore = new Set(fetchers);
    this.ranks = new Map(fetchers.map((fetcher, rank) => [fetcher, rank]));
  }

  /** Adds queues that the list of fetchers has got meanwhile. They are worked in turn. */
  add(fetchers: readonly QueueFetcher[]): void {
    this.order = [...this.order, ...fetchers];
    for (const fetcher of fetchers) this.withMore.add(fetcher);
    this.activate();
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
    const { withMore } = this;
    if (!this.strict) return withMore.size === 0 || (withMore.size === 1 && withMore.has(fetcher));
    this.firstWithMore ??= this.fetchers.find((other) => withMore.has(other)) ?? null;
    return this.firstWithMore === null || this.ranks.get(this.firstWithMore)! >= this.ranks.get(fetcher)!;
  }

  /** Whether to ask a queue if it has jobs, without claiming any. */
  mayProbe(fetcher: QueueFetcher): boolean {
    return fetcher.isUnsure && this.probed.size < MOST_PROBES && fetcher.batcher.inFlight.length === 0;
  }

  /** Notes that a poll of a queue was sent. With a single queue there is nothing to note. */
  sent(fetcher: QueueFetcher, limit: number): void {
    if (limit > 0 && !this.strict) {
      this.order = [...this.order.filter((other) => other !== fetcher), fetcher];
      this.activate();
    }
    if (fetcher.isProbing) this.probed.add(fetcher);
    if (!this.sentAt.has(fetcher)) this.watchReply(fetcher);
  }

  /** Notes that a poll of a queue was answered, or failed. With a single queue there is nothing to note. */
  answered(fetcher: QueueFetcher): void {
    this.sentAt.delete(fetcher);
    if (fetcher.batcher.inFlight.length > 0) this.watchReply(fetcher);
    if (!fetcher.isProbing) this.probed.delete(fetcher);
    this.noteMore(fetcher);
    if (this.overdue > 0) this.countOverdue();
  }

  /** Notes that a queue had more jobs than were claimed. */
  overflowed(fetcher: QueueFetcher): void {
    fetcher.signal();
    // A probe has taken no slot from the others.
    if (this.fetchers.length < 2 || fetcher.isProbing) return;
    for (const other of this.fetchers) {
      if (other === fetcher) {
        if (this.strict) return;
      } else if (this.strict) {
        // Queues in front of it are asked before it is asked again.
        other.signal(true);
      } else {
        other.stopObserving(Math.max(UNOBSERVED_INTERVAL, this.fetchers.length));
      }
    }
  }

  /** Notes that a queue may have jobs; `null` for all queues. */
  signal(queue: string | null): void {
    for (const fetcher of this.fetchers) if (queue === null || fetcher.queue === queue) fetcher.signal(queue === null);
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

  private noteMore(fetcher: QueueFetcher): void {
    if (fetcher.hasMore === this.withMore.has(fetcher)) return;
    if (fetcher.hasMore) this.withMore.add(fetcher);
    else this.withMore.delete(fetcher);
    this.firstWithMore = undefined;
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

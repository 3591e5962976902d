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
 * 1. in strict order a queue waits while a queue before it has jobs; else the queue that was asked last comes last. Of the partitions of
 *    a queue, the one that was asked last comes last among them;
 * 2. a queue is asked if it may have jobs, or may have got some unnoticed while another queue kept the worker busy;
 * 3. a queue is left alone after an error, and others do not wait for a reply that is overdue;
 * 4. while the slots are reserved for a reply, the next queues are only asked if they have jobs, many at a time;
 * 5. jobs are claimed beyond the free slots only if no other queue has an equal or better right to the next slot, and none that was asked
 *    longer ago waits for a slot.
 */
export class QueueSelector {
  /** The queues that may be polled, the one to be asked first in front. Only the selector writes it. */
  inOrder: readonly QueueFetcher[];
  /** All queues, the one to be asked first in front. */
  private order: readonly QueueFetcher[];
  private overdue = 0;
  /** The queues that had more jobs than were claimed, each with its number of such partitions. */
  private readonly withMore = new Map<string, number>();
  /** The fetchers that are counted there. */
  private readonly counted = new Set<QueueFetcher>();
  /** The first rank of them; `undefined` if it has to be searched. */
  private firstWithMore: number | undefined;
  /** The places of the queues in strict order. */
  private readonly ranks = new Map<string, number>();
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
    this.order = [...fetchers];
    this.inOrder = this.order;
    this.know(fetchers);
  }

  /** Adds those that the list of fetchers has got meanwhile: partitions stand beside the others of their queue, queues behind all others. */
  add(fetchers: readonly QueueFetcher[]): void {
    this.know(fetchers);
    this.order = [...this.order, ...fetchers].toSorted((a, b) => this.rankOf(a) - this.rankOf(b));
    this.activate();
  }

  /** Returns the place of a queue in strict order. All its partitions have the same one. */
  rankOf({ queue }: QueueFetcher): number {
    return this.ranks.get(queue)!;
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
    const { withMore, ranks } = this;
    if (!this.strict) return withMore.size === 0 || (withMore.size === 1 && withMore.has(fetcher.queue));
    if (this.firstWithMore === undefined) {
      this.firstWithMore = Infinity;
      for (const queue of withMore.keys()) this.firstWithMore = Math.min(this.firstWithMore, ranks.get(queue)!);
    }
    return this.firstWithMore >= this.rankOf(fetcher);
  }

  /** Whether to ask a queue if it has jobs, without claiming any. */
  mayProbe(fetcher: QueueFetcher): boolean {
    return fetcher.isUnsure && this.probed.size < MOST_PROBES && fetcher.batcher.inFlight.length === 0;
  }

  /** Notes that a poll of a queue was sent. With a single queue there is nothing to note. */
  sent(fetcher: QueueFetcher, limit: number): void {
    if (limit > 0) this.moveBack(fetcher);
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
    const rank = this.rankOf(fetcher);
    for (const other of this.fetchers) {
      if (other === fetcher) continue;
      const ahead = this.strict ? rank - this.rankOf(other) : 0;
      // Queues in front of it are asked before it is asked again.
      if (ahead > 0) other.signal(true);
      else if (ahead === 0) other.stopObserving(Math.max(UNOBSERVED_INTERVAL, this.fetchers.length));
    }
  }

  /** Notes that a stored queue may have jobs; `null` for all queues. */
  signal(stored: string | null): void {
    for (const fetcher of this.fetchers) {
      if (stored === null || fetcher.stored === stored) fetcher.signal(stored === null);
    }
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

  private know(fetchers: readonly QueueFetcher[]): void {
    for (const fetcher of fetchers) {
      if (!this.ranks.has(fetcher.queue)) this.ranks.set(fetcher.queue, this.ranks.size);
      this.noteMore(fetcher);
    }
  }

  /** Lets a queue be asked last; in strict order a partition, of those of its queue. */
  private moveBack(fetcher: QueueFetcher): void {
    const { queue } = fetcher;
    const others = this.order.filter((other) => other !== fetcher);
    const own = others.filter((other) => other.queue === queue);
    if (!this.strict) {
      this.order = own.length > 0 ? [...others.filter((other) => other.queue !== queue), ...own] : others;
      this.order = [...this.order, fetcher];
    } else if (own.length > 0) {
      this.order = others.toSpliced(others.indexOf(own.at(-1)!) + 1, 0, fetcher);
    } else {
      return;
    }
    this.activate();
  }

  private noteMore(fetcher: QueueFetcher): void {
    const { withMore, counted } = this;
    const { queue, hasMore } = fetcher;
    if (hasMore === counted.has(fetcher)) return;
    const count = (withMore.get(queue) ?? 0) + (hasMore ? 1 : -1);
    if (hasMore) counted.add(fetcher);
    else counted.delete(fetcher);
    if (count > 0) withMore.set(queue, count);
    else withMore.delete(queue);
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

import type { Clock, Timer } from '../support/clock.js';
import { inTurn, strictOrder, type QueueOrder } from './queue-order.js';
import type { QueueFetcher } from './queue-fetcher.js';

/** How long a queue is left alone whose storage answered with an error, in milliseconds. */
const REST = 1_000;
/** How often a queue that had nothing is asked again while another one has more than enough, in milliseconds. */
const LOOK = 100;

/**
 * How long slots are kept free for an answer, in milliseconds: its part of the storage (a node of a cluster) may be away, and
 * the other queues are not to suffer for it. A late answer finds its slots taken, and what it brings is given back.
 */
const PATIENCE = 1_000;

/**
 * The queues of a session, and which of them is worth asking for jobs:
 *
 * 1. one that may have some, in the order of the session;
 * 2. one that nobody has listened to for a while, since another one kept the worker busy;
 * 3. one that has recovered, where none runs or is asked for: one of them at a time in a process, as it may kill it;
 * 4. none that rests, because its storage could not serve, or that owes an answer for too long;
 * 5. with a second fetcher, one whose jobs are claimed ahead.
 */
export class QueueSelector {
  private readonly order: QueueOrder;
  /** With the second ones. */
  private readonly all: readonly QueueFetcher[];
  private readonly rests = new Map<QueueFetcher, Timer>();
  private patience: Timer | undefined;

  /** @param strict whether a queue waits while one before it has jobs */
  constructor(
    readonly fetchers: readonly QueueFetcher[],
    readonly strict: boolean,
    private readonly clock: Clock,
  ) {
    this.all = fetchers.flatMap((fetcher) => fetcher.both);
    this.order = strict ? strictOrder(fetchers) : inTurn(fetchers);
  }

  /** Those that can be told and asked something, the first one to be asked first. */
  get atWork(): readonly QueueFetcher[] {
    const { fetchers } = this.order;
    return this.rests.size === 0 ? fetchers : fetchers.filter((fetcher) => !this.rests.has(fetcher));
  }

  /** How many jobs the polls that are under way may bring. */
  get reserved(): number {
    return this.all.reduce((sum, fetcher) => sum + fetcher.reserved, 0);
  }

  /** How many slots are kept free for them. */
  get keptSlots(): number {
    return this.all.reduce((sum, fetcher) => sum + fetcher.keptSlots, 0);
  }

  /** Whether no answer is awaited, and no queue rests. */
  get isStill(): boolean {
    return this.rests.size === 0 && this.all.every((fetcher) => !fetcher.isBusy);
  }

  /** Whether the storage knows how every attempt ended, and owes no answer. */
  get isFlushed(): boolean {
    return this.all.every((fetcher) => !fetcher.isBusy && !fetcher.hasNews);
  }

  /** Whether one is worth asking. */
  get anyHungry(): boolean {
    return this.fetchers.some((fetcher) => this.isHungry(fetcher));
  }

  isHungry(fetcher: QueueFetcher): boolean {
    const { first } = fetcher;
    if (this.rests.has(first) || first.isStuck || fetcher.isStuck) return false;
    if (fetcher !== first) return first.isBusy && first.hasMore && fetcher.ahead.isFar && this.mayPrefetch(first);
    if (fetcher.hungry || (fetcher.recoveredLeft && this.mayTakeRecovered)) return true;
    return fetcher.unheard && this.clock.now() - fetcher.askedAt >= LOOK;
  }

  /** Whether jobs of a queue may be claimed ahead: not where another one has an equal or a better right to the next slot. */
  mayPrefetch({ first: fetcher }: QueueFetcher): boolean {
    for (const other of this.fetchers) {
      if (other === fetcher) {
        if (this.strict) return true;
      } else if (other.hasMore) {
        return false;
      }
    }
    return true;
  }

  get mayTakeRecovered(): boolean {
    return this.all.every((fetcher) => fetcher.heldRecovered === 0 && !fetcher.asksForRecovered);
  }

  /** Is told that a queue is asked for jobs. */
  asked({ first: fetcher }: QueueFetcher): void {
    fetcher.hungry = false;
    fetcher.unheard = false;
    fetcher.askedAt = this.clock.now();
    this.order.asked(fetcher);
  }

  /** Is told that a poll of a queue is sent; calls `then` when others have waited long enough for its answer. */
  sent(fetcher: QueueFetcher, then: () => void): void {
    if (this.fetchers.length < 2) return;
    fetcher.sentAt = this.clock.now();
    this.patience ??= this.clock.after(PATIENCE, () => this.loseHeart(then));
  }

  /** Is told that a queue had more jobs than were claimed. */
  overflowed({ first: fetcher }: QueueFetcher): void {
    fetcher.hungry = true;
    this.order.overflowed(fetcher);
  }

  /** @param queue `null` for all of them */
  setHungry(queue: string | null): void {
    for (const fetcher of this.fetchers) if (queue === null || fetcher.queue === queue) fetcher.hungry = true;
  }

  /** Leaves a queue alone for a while. */
  letRest({ first: fetcher }: QueueFetcher, then: () => void): void {
    this.rests.get(fetcher)?.cancel();
    const timer = this.clock.after(REST, () => {
      this.rests.delete(fetcher);
      fetcher.hungry = true;
      then();
    });
    this.rests.set(fetcher, timer);
  }

  async close(): Promise<void> {
    this.patience?.cancel();
    for (const rest of this.rests.values()) rest.cancel();
    this.rests.clear();
    await Promise.all(this.all.map((fetcher) => fetcher.close()));
  }

  private loseHeart(then: () => void): void {
    this.patience = undefined;
    const now = this.clock.now();
    const awaited = this.all.filter((fetcher) => fetcher.isBusy && !fetcher.isStuck);
    const stuck = awaited.filter((fetcher) => now - fetcher.sentAt >= PATIENCE);
    for (const fetcher of stuck) fetcher.isStuck = true;
    if (awaited.length > stuck.length) {
      const oldest = Math.min(...awaited.filter((fetcher) => !fetcher.isStuck).map((fetcher) => fetcher.sentAt));
      this.patience = this.clock.after(oldest + PATIENCE - now, () => this.loseHeart(then));
    }
    if (stuck.length > 0) then();
  }
}

import { isRequeue, type QueueConsumer, type Settlement, type PollResult } from '../drivers/queue-driver.interface.js';
import type { PrefetchWindow } from './prefetch-window.js';

/** The most settlements that go with one poll. */
const MAX_SETTLEMENTS = 300;

/**
 * A queue as the worker sees it: its consumer, what there is to tell it, and whether it is worth asking for jobs.
 *
 * A consumer has one poll under way at a time. Where jobs are claimed ahead that leaves the storage without work while its
 * answer is read and the next poll is written; so there is a second fetcher then, with a consumer of its own, whose polls are
 * under way meanwhile. What is known of the queue itself is kept by the first one.
 */
export class QueueFetcher {
  /** Whether the queue may have jobs that this worker could take. */
  hungry = true;
  /** Whether more jobs were ready than were taken when the queue was last asked; taken for granted until then. */
  hasMore = true;
  /** Whether jobs of lost consumers were left when the queue was last asked. */
  recoveredLeft = false;
  /** How many recovered that this fetcher claimed run, or wait in this process for a slot. */
  heldRecovered = 0;
  /** When the queue was last asked for jobs; milliseconds. */
  askedAt = 0;
  /** Whether jobs may have come since then without a word: nobody listens while another queue has more than enough. */
  unheard = false;
  /** How many jobs the poll under way may bring. */
  reserved = 0;
  /** Whether the poll under way may bring a recovered job. */
  asksForRecovered = false;
  /** Whether what the poll under way brings is to be given back, with what was claimed before it. */
  givesBack = false;
  /** Whether the lease was found to be lost; the next poll begins anew. */
  isLost = false;
  /** When the poll under way was sent; milliseconds. */
  sentAt = 0;
  /** Whether the answer to it is long in coming: others need not wait for it. */
  isStuck = false;

  /** The first fetcher of the queue: this one, or the one that this one helps. */
  readonly first: QueueFetcher;
  /** The fetchers of the queue, the first one first; each of the two knows both. */
  readonly both: QueueFetcher[];
  private settlements: Settlement[] = [];
  /** Those that go back to the front of the queue, by fence. */
  private returns: Settlement[] = [];
  private underWay: readonly Settlement[] | undefined;

  constructor(
    readonly queue: string,
    private readonly consumer: QueueConsumer,
    /** How many jobs to claim beyond the free slots. */
    readonly ahead: PrefetchWindow,
    first?: QueueFetcher,
  ) {
    this.first = first ?? this;
    this.both = first?.both ?? [];
    this.both.push(this);
  }

  /** Whether it has to wait for the other one: what came from the front of the queue last goes back there first. */
  get isHeldBack(): boolean {
    const { other } = this;
    if (!other) return false;
    return other.lastReturn > this.lastReturn || (this.returns.length > 0 && other.isBusy);
  }

  /** Whether it may claim with its next poll: not before all has gone back to the front of the queue that has to. */
  get mayClaim(): boolean {
    const { other } = this;
    if (other && (other.isReturning || other.returns.length > 0)) return false;
    return this.returns.length === 0 || this.returns.length + this.settlements.length <= MAX_SETTLEMENTS;
  }

  /** Whether a poll is under way: there is one at a time. */
  get isBusy(): boolean {
    return this.underWay !== undefined;
  }

  /** How many slots others may not take. */
  get keptSlots(): number {
    return this.isStuck ? 0 : this.reserved;
  }

  get hasNews(): boolean {
    return this.settlements.length > 0 || this.returns.length > 0;
  }

  settle(settlement: Settlement): void {
    if (!isRequeue(settlement)) {
      this.settlements.push(settlement);
      return;
    }
    // They come in order, nearly always.
    const at = this.returns.findLastIndex(({ fence }) => fence < settlement.fence) + 1;
    this.returns.splice(at, 0, settlement);
  }

  /** Forgets what was to be told: there is nobody left to tell. */
  forget(): void {
    this.settlements = [];
    this.returns = [];
  }

  /**
   * Tells and claims. The fetcher stays busy, and the slots reserved, until whoever asked has taken the answer in and says
   * {@link done} or {@link failed}: in between, others would take the slots for free.
   */
  poll(limit: number, recovered: boolean): Promise<PollResult> {
    const settlements = this.takeNews();
    this.underWay = settlements;
    this.reserved = limit;
    this.asksForRecovered = recovered;
    return this.consumer.poll({ settlements, limit, recovered });
  }

  done(): void {
    this.underWay = undefined;
    this.reserved = 0;
    this.asksForRecovered = false;
    this.givesBack = false;
    this.isStuck = false;
  }

  /** What could not be told is kept for the next poll. */
  failed(): void {
    const untold = this.underWay ?? [];
    this.settlements.unshift(...untold.filter((settlement) => !isRequeue(settlement)));
    for (const settlement of untold) if (isRequeue(settlement)) this.settle(settlement);
    this.done();
  }

  async close(): Promise<void> {
    await this.consumer.close();
  }

  /** What can be told with one poll. Of jobs that go back those that came behind all that the other fetcher has still to return. */
  private takeNews(): Settlement[] {
    const news = this.settlements.splice(0, MAX_SETTLEMENTS);
    if (this.returns.length === 0) return news;
    const bar = this.other?.lastReturn ?? 0;
    const behind = this.returns.findLastIndex(({ fence }) => fence < bar) + 1;
    const room = MAX_SETTLEMENTS - news.length;
    return [...news, ...this.returns.splice(Math.max(behind, this.returns.length - room))];
  }

  /** Whether the poll under way brings jobs back to the front of the queue: they come last in it. */
  private get isReturning(): boolean {
    const last = this.underWay?.at(-1);
    return last !== undefined && isRequeue(last);
  }

  /** The fence of the last job that goes back; 0 for none. */
  private get lastReturn(): number {
    return this.returns.at(-1)?.fence ?? 0;
  }

  private get other(): QueueFetcher | undefined {
    return this.both.find((fetcher) => fetcher !== this);
  }
}

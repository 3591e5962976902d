import {
  isRequeue,
  type PollLimits,
  type PollRequest,
  type PollResult,
  type QueueConsumer,
  type Settlement,
} from '../drivers/queue-driver.interface.js';

/** The most characters of results in one poll, unless a single one is longer. */
const MOST_RESULTS = 1_000_000;

/** A poll that is under way. */
export interface SentPoll {
  readonly request: PollRequest;
  readonly reply: Promise<PollResult>;
  /** On the monotonic clock, in milliseconds; 0 if the caller did not tell. */
  readonly sentAt: number;
  /** True if jobs that were claimed before its own have been requeued meanwhile: its jobs then go back too. */
  requeueJobs: boolean;
}

/**
 * Collects the settlements of one consumer, and composes its polls within the limits that the driver states:
 *
 * 1. sends settlements in the order in which they came, except requeues, which go last and newest first: each goes to the front
 *    of the queue, so the oldest job has to go there last;
 * 2. keeps a poll that requeues alone, and claims nothing before all requeues are sent: newer jobs would else come back in front
 *    of older ones;
 * 3. keeps the settlements of a poll that failed for the next poll.
 *
 * A poll stays under way until its caller says {@link done} or {@link failed}: after the caller has taken in the reply.
 */
export class PollBatcher {
  private completions: Settlement[] = [];
  private others: Settlement[] = [];
  /** Ascending by fencing token. */
  private requeues: Settlement[] = [];
  private readonly sent: SentPoll[] = [];
  private isRequeuing = false;
  /** The length of the results that wait. */
  private results = 0;

  /** The polls that are under way, the oldest one first. */
  readonly inFlight: readonly SentPoll[] = this.sent;
  readonly limits: PollLimits;

  constructor(private readonly consumer: QueueConsumer) {
    this.limits = consumer.limits;
  }

  get hasSettlements(): boolean {
    return this.completions.length > 0 || this.others.length > 0 || this.requeues.length > 0;
  }

  /** Returns whether one more poll may be sent now. */
  get mayPoll(): boolean {
    if (this.sent.length === 0) return true;
    return !this.isRequeuing && this.requeues.length === 0 && this.sent.length < this.limits.inFlight;
  }

  /** Returns whether the next poll may claim: only if it sends all requeues. */
  get mayClaim(): boolean {
    if (this.requeues.length === 0) return true;
    const { costly, settlements } = this.limits;
    const count = this.others.length + this.requeues.length;
    return count <= costly && count + this.completions.length <= settlements;
  }

  /** Adds a settlement to the next poll. */
  settle(settlement: Settlement): void {
    if (settlement.kind === 'complete') {
      if (settlement.result !== undefined) this.results += settlement.result.length;
      this.completions.push(settlement);
    } else if (isRequeue(settlement)) this.requeue(settlement);
    else this.others.push(settlement);
  }

  /** Drops all settlements, when nobody is left to settle with. */
  forget(): void {
    this.completions = [];
    this.others = [];
    this.requeues = [];
  }

  /** Sends the next poll. The caller has checked {@link mayPoll}, and {@link mayClaim} if `limit` is above 0. */
  send(limit: number, recovered: boolean, sentAt = 0): SentPoll {
    const most = this.results > MOST_RESULTS ? this.countWithin(MOST_RESULTS) : this.limits.settlements;
    const settlements = this.completions.splice(0, most);
    if (this.results > 0) this.results = lengthOf(this.completions);
    if (this.others.length > 0 || this.requeues.length > 0) this.addCostly(settlements);
    const request: PollRequest = { settlements, limit, recovered };
    const poll: SentPoll = { request, reply: this.consumer.poll(request), sentAt, requeueJobs: false };
    this.sent.push(poll);
    return poll;
  }

  /** Ends a poll whose reply was taken in. */
  done(poll: SentPoll): void {
    const index = this.sent.indexOf(poll);
    if (index === 0) this.sent.shift();
    else if (index > 0) this.sent.splice(index, 1);
    this.isRequeuing = false;
  }

  /** Ends a poll that was rejected, and keeps its settlements for the next one. */
  failed(poll: SentPoll): void {
    this.done(poll);
    const kept = poll.request.settlements;
    this.completions.unshift(...kept.filter(({ kind }) => kind === 'complete'));
    this.results = lengthOf(this.completions);
    this.others.unshift(...kept.filter((settlement) => settlement.kind !== 'complete' && !isRequeue(settlement)));
    for (const settlement of kept) if (isRequeue(settlement)) this.requeue(settlement);
  }

  /** Requeues the jobs that the polls under way bring, instead of handing them out. */
  requeueArrivals(): void {
    for (const poll of this.sent) poll.requeueJobs = true;
  }

  /** Gives up the lease. */
  async close(): Promise<void> {
    await this.consumer.close();
  }

  private requeue(settlement: Settlement): void {
    // They come in order nearly always.
    const at = this.requeues.findLastIndex(({ fence }) => fence < settlement.fence) + 1;
    this.requeues.splice(at, 0, settlement);
  }

  /** Counts the completions at the front whose results fit into a length: at least one. */
  private countWithin(length: number): number {
    let count = 0;
    for (let sum = 0; count < Math.min(this.completions.length, this.limits.settlements); count++) {
      sum += lengthOf(this.completions.slice(count, count + 1));
      if (sum > length && count > 0) break;
    }
    return count;
  }

  private addCostly(batch: Settlement[]): void {
    let room = Math.min(this.limits.costly, this.limits.settlements - batch.length);
    const others = this.others.splice(0, room);
    batch.push(...others);
    room -= others.length;
    if (room === 0 || this.requeues.length === 0 || this.sent.length > 0) return;
    batch.push(...this.requeues.splice(-room));
    this.isRequeuing = true;
  }
}

/** Returns the length of the results in settlements. */
function lengthOf(settlements: readonly Settlement[]): number {
  let length = 0;
  for (const each of settlements) if (each.kind === 'complete') length += each.result?.length ?? 0;
  return length;
}

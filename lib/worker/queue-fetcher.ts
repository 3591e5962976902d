import { ChunkWindow } from '../chunks/chunk-window.js';
import type { PollResult, QueueConsumer } from '../drivers/queue-driver.interface.js';
import type { AttemptDesks } from '../job/attempt-desk.interface.js';
import { queueOf } from '../job/stored-queue.js';
import { PollBatcher, type SentPoll } from '../polling/poll-batcher.js';
import type { RecoveryGate } from '../recovery/recovery-gate.js';
import type { MonotonicClock } from '../support/clock.js';
import type { PrefetchWindow } from './prefetch-window.js';

/**
 * One stored queue as a worker sees it:
 *
 * 1. knows whether asking the queue for jobs is worth a poll;
 * 2. decides how many jobs the next poll claims;
 * 3. sends its polls through a {@link PollBatcher}, and keeps slots reserved for the jobs that they may bring.
 */
export class QueueFetcher {
  /** The name of the queue, also if this is one of its partitions. */
  readonly queue: string;
  readonly batcher: PollBatcher;
  /** True if the queue may have jobs that this worker could run. */
  private signalled = true;
  /** True if nothing but time says so: the worker has started, or looks from time to time. */
  private unsure = true;
  private probing = false;
  /** True if the queue had more jobs than the last poll claimed; assumed before the first poll. */
  private more = true;
  /** True if recovered jobs were left after the last poll; `undefined` before the first reply. */
  private recoveredLeft: boolean | undefined;
  /** True if jobs may have come unnoticed: while another queue keeps the worker busy, nobody waits for this queue's marker. */
  private unobserved = false;
  /** True if the next poll is worth sending although it neither settles nor claims. */
  isCalled = false;
  readonly chunkWindow = new ChunkWindow();
  /** How many jobs the next poll claims to fill a chunk, if slots are free. */
  chunkRoom = 0;
  /** True if the queue is paused, for all processes. */
  isHalted = false;
  /** True if the queue is held back, for all processes: a job was told to wait, and the others with it. */
  isHeldBack = false;
  /** True if the queue is paused in this process. */
  isHeld = false;
  /** True if the queue has limits: then a claimed job that waits for a slot would take the place of another one. */
  isLimited = false;
  /** True if jobs are ready that may not start yet, because the queue is at one of its limits, or held back. */
  isBlocked = false;
  /** How often it is asked meanwhile, in milliseconds. */
  private interval = 0;
  private askedAt = 0;
  private reservedSlots = 0;
  private paused = false;
  private stalled = false;
  private lost = false;

  /**
   * @param stored the queue, or a partition of it
   * @param window how many jobs to claim beyond the free slots
   * @param gate admits one recovered job at a time into this process
   * @param desks take what its jobs tell while they run
   */
  constructor(
    readonly stored: string,
    readonly consumer: QueueConsumer,
    readonly window: PrefetchWindow,
    private readonly gate: RecoveryGate,
    private readonly clock: MonotonicClock,
    readonly desks?: AttemptDesks,
  ) {
    this.queue = queueOf(stored);
    this.batcher = new PollBatcher(consumer);
  }

  /** Whether more jobs were ready than the last poll claimed. */
  get hasMore(): boolean {
    return this.more;
  }

  /** Whether recovered jobs may wait: only then a poll needs a pass of the recovery gate. */
  get mayRecover(): boolean {
    return this.recoveredLeft ?? true;
  }

  /** How many jobs the polls under way may bring. */
  get reserved(): number {
    return this.reservedSlots;
  }

  /** Whether the queue is left alone for a while, after an error. */
  get isPaused(): boolean {
    return this.paused;
  }

  /** Whether it is worth asking the queue if it has jobs, before slots are reserved for them. */
  get isUnsure(): boolean {
    const isKnown = this.signalled ? !this.unsure : this.recoveredLeft === true;
    return !isKnown && this.wantsJobs();
  }

  /** Whether a probe is under way: a poll that asks if the queue has jobs, and claims none. */
  get isProbing(): boolean {
    return this.probing;
  }

  /** Whether a reply that may bring or announce jobs is under way, and not overdue. */
  get isAwaited(): boolean {
    return (this.reservedSlots > 0 || this.probing) && !this.stalled;
  }

  /** Whether a reply is overdue, so that other queues need not wait for it. */
  get isStalled(): boolean {
    return this.stalled;
  }

  /** Returns whether asking the queue for jobs is worth a poll. */
  wantsJobs(): boolean {
    if (this.paused || this.stalled || this.isHeld) return false;
    if (this.signalled || (this.recoveredLeft && this.gate.isOpen())) return true;
    return this.unobserved && this.clock.monotonic() - this.askedAt >= this.interval;
  }

  /**
   * Returns how many jobs the next poll claims: 0 if none.
   *
   * With a poll under way, a further one claims only if jobs are so quick that two claims at a time are worth it. Of a limited
   * queue both claim for free slots alone: each for half of the slots.
   *
   * @param free how many slots are free; negative if buffered jobs wait for one
   * @param most how many jobs the worker may claim at all
   * @param mayPrefetch whether jobs may be claimed beyond the free slots
   */
  claimLimit(free: number, most: number, mayPrefetch: boolean): number {
    const { window, batcher } = this;
    const isFirst = batcher.inFlight.length === 0;
    const isAhead = mayPrefetch && !this.isLimited;
    // Two polls at a time: the worker runs the jobs of one while the storage looks for those of the other.
    const isDouble = mayPrefetch && this.more && (this.isLimited ? window.half > 0 : window.isFar);
    const asks = isFirst ? this.wantsJobs() : isDouble && !this.stalled;
    if (!asks || this.isHeld || !batcher.mayClaim) return 0;
    let limit = isAhead && window.isOn ? window.limit(free) : free;
    if (isDouble && this.isLimited) {
      if (free >= window.half) limit = window.half;
      // A poll for a few slots would take the storage longer than it saves the worker.
      else if (!isFirst) return 0;
    }
    if (limit < this.chunkRoom && free > 0 && !this.isLimited) limit = this.chunkRoom;
    return Math.max(Math.min(limit, most, batcher.limits.claims), 0);
  }

  /**
   * Returns whether the next poll of a limited queue waits until claimed jobs have begun. Two of its polls may be answered together. Then few
   * slots are free until those jobs have ended, and a poll for these few takes the storage nearly as long as one for half of the slots.
   *
   * @param free as for {@link claimLimit}
   */
  waitsForJobs(free: number): boolean {
    const { half } = this.window;
    return half > 0 && free < half && this.more;
  }

  /** Makes a probe of the next poll, which claims nothing. */
  probe(): void {
    this.probing = true;
    this.signalled = false;
    this.unobserved = false;
    this.askedAt = this.clock.monotonic();
  }

  /** Sends a poll; its slots stay reserved until {@link done} or {@link failed}. */
  send(limit: number, recovered: boolean): SentPoll {
    const now = this.clock.monotonic();
    this.isCalled = false;
    if (limit > 0) {
      this.signalled = false;
      this.unobserved = false;
      this.askedAt = now;
      this.reservedSlots += limit;
    }
    return this.batcher.send(limit, recovered, now);
  }

  /** Takes in the state of the queue from a reply. The caller then takes the jobs, and says {@link done}. */
  observe({ more, recovered, limited, blocked }: PollResult, claimed: boolean): void {
    this.lost = false;
    this.isLimited = limited;
    this.isBlocked = blocked;
    this.recoveredLeft = recovered;
    if (claimed) this.more = more;
  }

  done(poll: SentPoll): void {
    this.reservedSlots -= poll.request.limit;
    this.stalled = false;
    if (poll.request.limit === 0) this.probing = false;
    this.batcher.done(poll);
  }

  /** Ends a poll that was rejected; its settlements go with the next one. */
  failed(poll: SentPoll): void {
    this.reservedSlots -= poll.request.limit;
    this.stalled = false;
    if (poll.request.limit === 0) this.probing = false;
    this.batcher.failed(poll);
  }

  /**
   * Notes that the queue may have jobs.
   *
   * @param unsure whether nothing of the queue itself says so
   */
  signal(unsure = false): void {
    this.unsure = unsure && (this.unsure || !this.signalled);
    this.signalled = true;
  }

  /**
   * Notes that nobody waits for this queue's marker for a while.
   *
   * @param interval how often to ask the queue meanwhile, in milliseconds
   */
  stopObserving(interval: number): void {
    this.unobserved = true;
    this.interval = interval;
  }

  /** Leaves the queue alone until {@link resume}. */
  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.signalled = true;
  }

  /** Notes that a reply is overdue. */
  stall(): void {
    this.stalled = true;
  }

  /**
   * Notes that the lease was lost: by a heartbeat, or by a reply.
   *
   * @returns whether this is news: the next poll after a heartbeat says the same once more
   */
  loseLease(): boolean {
    const isNews = !this.lost;
    this.lost = true;
    return isNews;
  }

  /** Notes that a reply came, if it says nothing of the queue. */
  keepLease(): void {
    this.lost = false;
  }
}

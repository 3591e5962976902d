import { QueueClosedError } from '../../queue.errors.js';
import type { Timer } from '../../support/clock.js';
import { waitAtMost } from '../../support/deadline.js';
import type { JobNote } from '../../job/attempt-desk.interface.js';
import {
  lostLease,
  type ConsumerOptions,
  type PollRequest,
  type PollResult,
  type QueueConsumer,
} from '../queue-driver.interface.js';
import type { FlowRelay } from './flow-relay.js';
import type { HeartbeatThread, ProlongedLease, LeaseTerms } from './heartbeat-thread.js';
import { POLL_LIMITS } from './poll-limits.js';
import { RedisLease, type Answer, type Pulse } from './redis-lease.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { GRACE } from './scripts/parts/silence.part.js';

/**
 * The longest time between two signs of life of a consumer that holds jobs, in milliseconds: it has to fit into the
 * grace.
 */
const LONGEST_INTERVAL = 1_500;
/** The longest wait for the server to end the lease at the close, in milliseconds. */
const LEAVE_DEADLINE = 1_000;

/**
 * Claims and settles the jobs of a queue in Redis, under one {@link RedisLease} after the other:
 *
 * 1. begins another lease when its lease was lost;
 * 2. prolongs its lease while no poll does, and at once when the connection is back;
 * 3. hands over the outbox of the queue to flows;
 * 4. requeues, when it is closed, the jobs of polls that are answered too late, and ends its lease.
 */
export class RedisConsumer implements QueueConsumer {
  readonly limits = POLL_LIMITS;
  /** The terms of its lease, which each poll and each heartbeat sends, in milliseconds. */
  private readonly terms: LeaseTerms;
  private current: RedisLease;
  private closed = false;
  private heartbeat: Timer | undefined;
  /** The interval of the running timer, in milliseconds. */
  private pace = 0;
  /** The lease whose heartbeat is in flight. */
  private beating: RedisLease | undefined;
  private lastSign = 0;
  /** The number of jobs that it holds, as far as it knows. */
  private held = 0;
  private guarded: ProlongedLease | undefined;
  /** The polls that are in flight. */
  private readonly underWay = new Set<Promise<Answer | null>>();

  constructor(
    readonly queue: string,
    private readonly options: ConsumerOptions,
    private readonly toolkit: RedisToolkit,
    private readonly guard: HeartbeatThread | undefined,
    private readonly onProcessed: (now: number) => void,
    private readonly onClose?: () => void,
    private readonly relay?: FlowRelay,
  ) {
    const lease = Math.round(options.lease * 1000);
    // The lease survives the loss of two signs of life.
    this.terms = { lease, interval: Math.round(lease / 3), grace: GRACE };
    this.current = new RedisLease(queue, this.terms, toolkit);
  }

  get id(): string {
    return this.current.id;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  async poll(request: PollRequest): Promise<PollResult> {
    if (this.closed) throw new QueueClosedError();
    const lease = this.current;
    const answering = lease.poll(request);
    this.underWay.add(answering);
    let answer: Answer | null;
    try {
      answer = await answering;
    } finally {
      this.underWay.delete(answering);
    }
    if (answer?.outbox) this.relay?.take(this.queue, answer.outbox);
    if (this.closed) throw new QueueClosedError();
    if (!answer) return this.lose(lease, request);
    const { now } = answer;
    const isBusy = this.relay !== undefined && this.relay.underWay.size > 0;
    const result = isBusy ? await this.afterHandOver(answer.result) : answer.result;
    if (request.settlements.some(({ kind }) => kind === 'complete' || kind === 'fail')) this.onProcessed(now);
    // Another poll has learned in the meantime that this lease was lost, and the jobs with it.
    if (lease !== this.current) return { ...result, jobs: [] };
    this.lastSign = this.toolkit.clock.monotonic();
    this.held += result.jobs.length - (request.settlements.length - result.refused.length);
    this.keepAlive();
    return result;
  }

  /**
   * Waits for the hand-over to flows before it says that there is no job: the next job of a chain may come. A poll that brings jobs does
   * not wait.
   */
  private async afterHandOver(result: PollResult): Promise<PollResult> {
    if (result.jobs.length > 0 || !this.relay?.isBusyWith(this.queue)) return result;
    await this.relay.handedOver(this.queue);
    if (this.closed) throw new QueueClosedError();
    return { ...result, more: true, nextDue: null };
  }

  async note(id: string, fence: number, number: number, note: JobNote): Promise<boolean> {
    if (this.closed) throw new QueueClosedError();
    return this.current.note(id, fence, number, note);
  }

  /** Begins another lease, if this is the first poll of its lease to learn that the lease was lost. */
  private lose(lease: RedisLease, request: PollRequest): PollResult {
    const isFirst = lease === this.current;
    if (isFirst) {
      this.stopKeepingAlive();
      this.held = 0;
      this.current = new RedisLease(this.queue, this.terms, this.toolkit);
    }
    return lostLease(request, isFirst);
  }

  /**
   * Ends its lease. If the server is away, the call does not wait: the lease ends when the server is back, if this
   * driver still runs.
   */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.onClose?.();
    this.stopKeepingAlive();
    const { connection, clock } = this.toolkit;
    if (!this.current.isKnown || (!connection.isReady && this.underWay.size === 0)) return;
    const leaving = this.leave();
    if (connection.isReady) await waitAtMost(leaving, clock, LEAVE_DEADLINE);
  }

  /**
   * Requeues the jobs of polls that are answered after the close, because no worker takes them any more. Then ends the
   * lease.
   */
  private async leave(): Promise<void> {
    const answers = await Promise.allSettled(this.underWay);
    const late = answers.flatMap((each) => (each.status === 'fulfilled' ? (each.value?.result.jobs ?? []) : []));
    try {
      await this.current.leave(late);
    } catch {
      // Its lease runs out by itself.
    }
  }

  /**
   * Prolongs its lease at once. After an outage every lease looks as if it had run out, and would be lost after a
   * grace.
   */
  sayAlive(): void {
    // Without a timer there is no lease to prolong. A heartbeat that is in flight is sent again anyway.
    if (!this.heartbeat || this.beating === this.current) return;
    void this.sendHeartbeat(this.current);
  }

  /** The interval at which it has to give a sign of life, in milliseconds. */
  private get interval(): number {
    return this.held > 0 ? Math.min(this.terms.interval, LONGEST_INTERVAL) : this.terms.interval;
  }

  private keepAlive(): void {
    const isLate = !this.heartbeat || this.pace > this.interval;
    if (isLate && this.beating !== this.current) this.beatIn(this.interval);
    if (this.held === 0 || this.guarded || !this.guard) return;
    const keys = this.toolkit.keys.of(this.queue);
    this.guarded = this.guard.add({ keys, consumer: this.current.id, ...this.terms, every: this.interval });
  }

  private stopKeepingAlive(): void {
    this.heartbeat?.cancel();
    this.heartbeat = undefined;
    this.guarded?.remove();
    this.guarded = undefined;
  }

  private beatIn(milliseconds: number): void {
    this.heartbeat?.cancel();
    this.pace = this.interval;
    this.heartbeat = this.toolkit.clock.after(milliseconds, this.beat);
  }

  private readonly beat = (): void => {
    const quiet = this.toolkit.clock.monotonic() - this.lastSign;
    if (quiet >= this.interval) void this.sendHeartbeat(this.current);
    else this.beatIn(this.interval - quiet);
  };

  private async sendHeartbeat(lease: RedisLease): Promise<void> {
    let pulse: Pulse = 'alive';
    this.heartbeat?.cancel();
    this.beating = lease;
    try {
      pulse = await lease.beat(this.interval);
    } catch {
      // The next heartbeat may get through: a lease survives the loss of two.
    }
    if (this.closed || lease !== this.current) return;
    this.beating = undefined;
    this.lastSign = this.toolkit.clock.monotonic();
    if (pulse !== 'lost') {
      this.beatIn(this.interval);
      if (pulse === 'called') this.options.onSignal?.();
    } else {
      // The next poll learns that the lease was lost, and begins another lease. The worker should stop the jobs at
      // once.
      this.heartbeat = undefined;
      this.options.onLost();
    }
  }
}

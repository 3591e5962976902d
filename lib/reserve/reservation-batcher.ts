import type { CancelledJob } from '../drivers/queue-cancellations.interface.js';
import type { ClaimedJob, PollResult, QueueConsumer, Settlement } from '../drivers/queue-driver.interface.js';
import { PollBatcher } from '../polling/poll-batcher.js';
import {
  JobCancelledError,
  JobSettledError,
  LeaseLostError,
  QueueClosedError,
  QueueConnectionError,
} from '../queue.errors.js';
import type { ClaimTime } from '../job/claim-time.interface.js';
import type { JobControl } from '../job/job-context.js';
import type { RecordOptions } from '../job/job-record.js';
import type { RecoveryGate, RecoveryPass } from '../recovery/recovery-gate.js';
import type { Sampler } from '../stats/sampler.js';
import { eventLoop, type MonotonicClock } from '../support/clock.js';
import { withTimeLimit } from '../support/deadline.js';
import type { Ending } from './reserved-job.js';

/** A caller of `pop()` that waits for a job. */
interface Claim {
  /** True if the caller was rejected, because no reply came in time. */
  givenUp: boolean;
  resolve(job: ClaimedJob | null): void;
  reject(error: unknown): void;
}

/** A caller that waits until its settlement is answered. */
interface Settling {
  resolve(): void;
  reject(error: unknown): void;
}

/** A reserved job, and the right to hold it if it was recovered. */
interface Reservation extends ClaimTime {
  readonly job: ClaimedJob;
  readonly pass: RecoveryPass | undefined;
  /** Set if it was cancelled. */
  cancelled?: CancelledJob;
  /** Set when the caller gets the job. */
  control?: JobControl;
  /** True if the caller has got a job that could expire. */
  hasStarted?: boolean;
}

const REQUEUE = { kind: 'release', delay: 0, position: 'front' } as const;
const LEASE_LOST = 'its lease was lost, so that another may have it';

/**
 * Holds the reserved jobs of one queue:
 *
 * 1. collects claims and settlements, and sends them with one poll at a time;
 * 2. refuses to settle a job that it does not hold;
 * 3. rejects a claim whose reply does not come in time, and requeues a job that comes later;
 * 4. aborts the signals of jobs that were cancelled, or are not held any more;
 * 5. requeues all its jobs when it is closed.
 */
export class ReservationBatcher {
  private readonly held = new Map<string, Reservation>();
  private readonly batcher: PollBatcher;
  private readonly queue: string;
  private readonly claims: Claim[] = [];
  /** By job id and fencing token. */
  private readonly settlings = new Map<string, Settling>();
  private working: Promise<void> | undefined;
  private closed = false;
  /** True if the next poll is worth sending although it neither settles nor claims. */
  private isCalled = false;
  private isPaused = false;

  /** @param open opens the consumer; it gets the functions to call when the lease is found to be lost, and at a signal */
  constructor(
    open: (onLost: () => void, onSignal: () => void) => QueueConsumer,
    private readonly gate: RecoveryGate,
    private readonly clock: MonotonicClock,
    private readonly sampler?: Sampler,
  ) {
    const consumer = open(
      () => this.loseAll(),
      () => this.look(),
    );
    this.queue = consumer.queue;
    this.batcher = new PollBatcher(consumer);
  }

  /**
   * Claims the next job, if one is ready; never waits for one.
   *
   * @param milliseconds how long the storage may take
   * @throws QueueConnectionError if it takes longer; no job is held for the caller then
   */
  claim(milliseconds: number): Promise<ClaimedJob | null> {
    if (this.closed) return Promise.reject(new QueueClosedError());
    let claim: Claim;
    const answer = new Promise<ClaimedJob | null>((resolve, reject) => {
      claim = { givenUp: false, resolve, reject };
      this.claims.push(claim);
      this.work();
    });
    return withTimeLimit(answer, this.clock, milliseconds, () => {
      this.giveUp(claim);
      return QueueConnectionError.noJobInTime();
    });
  }

  /**
   * Settles a job, however long that takes: a job that is done should not run again.
   *
   * @param options those of the push; `undefined` if nobody got the job
   * @throws JobSettledError if the job is not held any more
   */
  settle({ id, fence }: ClaimedJob, ending: Ending, options?: RecordOptions): Promise<void> {
    const held = this.held.get(id);
    if (held?.job.fence !== fence) return Promise.reject(new JobSettledError(id, LEASE_LOST));
    const sample = this.sampler?.sample(held.job, options, held.takenAt, held);
    return new Promise((resolve, reject) => {
      this.settlings.set(keyOf({ id, fence }), { resolve, reject });
      this.batcher.settle({ id, fence, sample, ...this.withCancellation(id, ending) });
      this.work();
    });
  }

  /** Returns the cancellation of a held job, if it was cancelled. */
  cancellationOf(id: string): CancelledJob | undefined {
    return this.held.get(id)?.cancelled;
  }

  /** Returns the time of the storage, by that of the claim of a job. */
  timeOf({ id }: ClaimedJob): number | undefined {
    const held = this.held.get(id);
    return held && held.now + this.clock.monotonic() - held.takenAt;
  }

  /** Ends a job that nobody gets, with the next poll. If it is refused, another consumer has the job. */
  drop(job: ClaimedJob, ending: Ending): void {
    this.settle(job, ending).catch(() => undefined);
  }

  /**
   * Lets the signal of a held job be aborted by `control`: the caller gets the job.
   *
   * @param couldExpire whether the next consumer has to know that the job has started
   */
  watch({ id, fence }: ClaimedJob, control: JobControl, couldExpire: boolean): void {
    const held = this.held.get(id);
    if (held?.job.fence !== fence) return control.abort(new LeaseLostError(this.queue));
    held.control = control;
    held.hasStarted = couldExpire;
    if (held.cancelled) control.abort(new JobCancelledError(id, held.cancelled.reason));
  }

  /** Requeues all held jobs, at the front of the queue, and gives up the lease. */
  async close(): Promise<void> {
    this.closed = true;
    for (const claim of this.claims.splice(0)) claim.reject(new QueueClosedError());
    for (const { control } of this.held.values()) control?.abort(new QueueClosedError());
    await this.working;
    await Promise.allSettled(
      [...this.held.values()].map(({ job, hasStarted }) =>
        this.settle(job, hasStarted ? { ...REQUEUE, hasStarted } : REQUEUE),
      ),
    );
    await this.batcher.close();
  }

  /** A cancelled job that does not complete ends; it is neither failed nor released. */
  private withCancellation(id: string, ending: Ending): Ending {
    const cancelled = this.cancellationOf(id);
    if (!cancelled || ending.kind === 'complete' || ending.kind === 'cancel') return ending;
    return toEnding(cancelled, true);
  }

  /** Polls at a signal. Without a held job the next claim learns the news. */
  private look(): void {
    if (this.closed || this.held.size === 0) return;
    this.isCalled = true;
    this.work();
  }

  private work(): void {
    this.working ??= this.pollUntilDone();
  }

  private async pollUntilDone(): Promise<void> {
    // Claims and settlements of this turn go together.
    await Promise.resolve();
    while (this.claims.length > 0 || this.batcher.hasSettlements || this.isCalled) await this.poll();
    // Clear it here: else a request between the end of the loop and the end of this method would start no new loop.
    this.working = undefined;
  }

  private async poll(): Promise<void> {
    const claims = this.batcher.mayClaim ? this.claims.splice(0, this.batcher.limits.claims) : [];
    const pass = claims.length > 0 ? this.gate.enter() : undefined;
    // A storage in memory answers at once: a loop of pop() would keep the event loop from turning.
    await eventLoop.turn();
    const poll = this.batcher.send(claims.length, pass !== undefined);
    const { settlements } = poll.request;
    this.isCalled = false;
    try {
      const result = await poll.reply;
      this.batcher.done(poll);
      this.finish(settlements, result);
      // A further poll tells the storage that the pause is known.
      this.isCalled = result.paused && !this.isPaused && this.held.size > 0;
      this.isPaused = result.paused;
      this.handOut(claims, result, pass);
    } catch (error) {
      pass?.leave();
      // The callers are rejected, and may settle again: the jobs are still held.
      this.batcher.done(poll);
      for (const settlement of settlements) this.takeSettling(settlement)?.reject(error);
      for (const claim of claims) claim.reject(error);
    }
  }

  private finish(settlements: readonly Settlement[], { lost, refused }: PollResult): void {
    for (const settlement of settlements) {
      const { id } = settlement;
      const settling = this.takeSettling(settlement);
      this.forget(id);
      if (refused.includes(id)) settling?.reject(new JobSettledError(id, LEASE_LOST));
      else settling?.resolve();
    }
    if (lost) this.loseAll();
  }

  private takeSettling(settlement: Settlement): Settling | undefined {
    const key = keyOf(settlement);
    const settling = this.settlings.get(key);
    this.settlings.delete(key);
    return settling;
  }

  private giveUp(claim: Claim): void {
    claim.givenUp = true;
    const index = this.claims.indexOf(claim);
    // If it is not there, its poll is under way, and may still bring a job.
    if (index >= 0) this.claims.splice(index, 1);
  }

  private handOut(claims: readonly Claim[], result: PollResult, pass: RecoveryPass | undefined): void {
    const { lost, jobs, more, cancelled, now } = result;
    const takenAt = this.clock.monotonic();
    const left = claims.filter(({ givenUp }) => !givenUp);
    if (!jobs.some(isRecovered)) pass?.leave();
    for (const job of jobs) this.held.set(job.id, { job, pass: isRecovered(job) ? pass : undefined, now, takenAt });
    for (const each of cancelled) {
      const reservation = this.held.get(each.id);
      if (!reservation) continue;
      reservation.cancelled = each;
      reservation.control?.abort(new JobCancelledError(each.id, each.reason));
    }
    for (const job of jobs) {
      const claim = left.shift() ?? this.claims.shift();
      if (claim) claim.resolve(job);
      else this.requeue(job);
    }
    // Ask again after a lost lease, or if the queue has more jobs and this poll found only dangling ids.
    if ((lost || more) && !this.closed) this.claims.unshift(...left);
    else for (const claim of left) claim.resolve(null);
  }

  /** Requeues a job with the next poll, which is sent at once. */
  private requeue(job: ClaimedJob): void {
    // The settlement is refused if the job is not held any more. After any other error, the job is requeued when this batcher is
    // closed.
    this.drop(job, { ...REQUEUE, unstarted: true });
  }

  private loseAll(): void {
    for (const [id, { control }] of this.held) {
      this.forget(id);
      control?.abort(new LeaseLostError(this.queue));
    }
  }

  private forget(id: string): void {
    this.held.get(id)?.pass?.leave();
    this.held.delete(id);
  }
}

/** Makes the end of a cancelled job. */
export function toEnding({ reason }: CancelledJob, hasRun: boolean): Ending {
  return { kind: 'cancel', hasRun, ...(reason !== undefined && { error: reason }) };
}

function keyOf({ id, fence }: { readonly id: string; readonly fence: number }): string {
  return `${id} ${fence}`;
}

function isRecovered({ crashes }: ClaimedJob): boolean {
  return crashes > 0;
}

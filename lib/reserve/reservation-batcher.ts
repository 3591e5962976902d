import type { ClaimedJob, QueueConsumer, Settlement, PollResult } from '../drivers/queue-driver.interface.js';
import { JobSettledError, QueueClosedError, QueueConnectionError } from '../queue.errors.js';
import type { Clock } from '../support/clock.js';
import { withTimeLimit } from '../support/time-limit.js';
import type { Ending } from './reserved-job.js';
import type { RecoveryGate } from './recovery-gate.js';

interface Claim {
  /** Whether who asked has been told that there is no answer. */
  givenUp: boolean;
  resolve(job: ClaimedJob | null): void;
  reject(error: unknown): void;
}

interface Settling {
  readonly settlement: Settlement;
  resolve(): void;
  reject(error: unknown): void;
}

/** The most jobs that one poll claims. */
const MAX_CLAIM = 100;
const PUT_BACK = { kind: 'release', delay: 0, position: 'front' } as const;
const LEASE_LOST = 'its lease was lost, so that another may have it';

/**
 * Holds the popped jobs of one queue:
 *
 * 1. collects claims and settlements, and takes them to the storage, one poll at a time;
 * 2. knows what it holds, and refuses to settle what it does not;
 * 3. tells in time who claims that there is no answer, and puts back what comes after that;
 * 4. puts everything back when it is closed.
 */
export class ReservationBatcher {
  private readonly held = new Map<string, ClaimedJob>();
  private readonly consumer: QueueConsumer;
  private readonly claims: Claim[] = [];
  private readonly settlings: Settling[] = [];
  private working: Promise<void> | undefined;
  private closed = false;

  /** @param open opens the consumer; it gets what to call when the lease is found to be lost */
  constructor(
    open: (onLost: () => void) => QueueConsumer,
    private readonly gate: RecoveryGate,
    private readonly clock: Clock,
  ) {
    this.consumer = open(() => this.loseAll());
  }

  /**
   * Takes the next job, if one is ready; never waits for one.
   *
   * @param milliseconds how long the storage may take
   * @throws QueueConnectionError when it takes longer; no job is held for the caller then
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
   * However long it takes: a job that is done should not be done again.
   *
   * @throws JobSettledError where the job is not held any more
   */
  settle({ id, fence }: ClaimedJob, ending: Ending): Promise<void> {
    if (this.held.get(id)?.fence !== fence) return Promise.reject(new JobSettledError(id, LEASE_LOST));
    return new Promise((resolve, reject) => {
      this.settlings.push({ settlement: { id, fence, ...ending }, resolve, reject });
      this.work();
    });
  }

  /** Puts back what is held, at the front of the queue, and gives up the lease. */
  async close(): Promise<void> {
    this.closed = true;
    for (const claim of this.claims.splice(0)) claim.reject(new QueueClosedError());
    await this.working;
    await Promise.allSettled([...this.held.values()].map((job) => this.settle(job, PUT_BACK)));
    await this.consumer.close();
  }

  private work(): void {
    this.working ??= this.workOff();
  }

  private async workOff(): Promise<void> {
    // What is asked for in this turn goes together.
    await Promise.resolve();
    while (this.claims.length > 0 || this.settlings.length > 0) {
      const claims = this.claims.splice(0, MAX_CLAIM);
      const settlings = this.settlings.splice(0);
      const recovered = claims.length > 0 && this.gate.enter();
      try {
        const settlements = settlings.map(({ settlement }) => settlement);
        const result = await this.consumer.poll({ settlements, limit: claims.length, recovered });
        if (recovered && !result.jobs.some(isRecovered)) this.gate.leave();
        this.finish(settlings, result);
        this.handOut(claims, result);
      } catch (error) {
        if (recovered) this.gate.leave();
        for (const each of [...settlings, ...claims]) each.reject(error);
      }
    }
    // Here, and not when the promise has settled: what comes in between would be forgotten.
    this.working = undefined;
  }

  private finish(settlings: readonly Settling[], { lost, refused }: PollResult): void {
    for (const settling of settlings) {
      const { id } = settling.settlement;
      this.drop(id);
      if (refused.includes(id)) settling.reject(new JobSettledError(id, LEASE_LOST));
      else settling.resolve();
    }
    if (lost) this.loseAll();
  }

  private giveUp(claim: Claim): void {
    claim.givenUp = true;
    const index = this.claims.indexOf(claim);
    // Else it is under way, and a job may come for it yet.
    if (index >= 0) this.claims.splice(index, 1);
  }

  private handOut(claims: readonly Claim[], { lost, jobs, more }: PollResult): void {
    const left = claims.filter(({ givenUp }) => !givenUp);
    for (const job of jobs) {
      this.held.set(job.id, job);
      const claim = left.shift() ?? this.claims.shift();
      if (claim) claim.resolve(job);
      else this.putBack(job);
    }
    // Whoever lost its lease begins anew; and where there are more, what was found was no jobs.
    if ((lost || more) && !this.closed) this.claims.unshift(...left);
    else for (const claim of left) claim.resolve(null);
  }

  /** With the next poll, which comes at once. */
  private putBack(job: ClaimedJob): void {
    // What is not held any more has gone back by another way; else it goes when this is closed.
    this.settle(job, PUT_BACK).catch(() => undefined);
  }

  private loseAll(): void {
    for (const id of this.held.keys()) this.drop(id);
  }

  private drop(id: string): void {
    const job = this.held.get(id);
    if (!job) return;
    this.held.delete(id);
    if (isRecovered(job)) this.gate.leave();
  }
}

function isRecovered({ crashes }: ClaimedJob): boolean {
  return crashes > 0;
}

import type { ClaimedJob, QueueConsumer, Settlement, StepResult } from '../drivers/queue-driver.interface.js';
import { JobSettledError, QueueClosedError } from '../queue.errors.js';
import type { Ending } from './reserved-job.js';
import type { SuspectGate } from './suspect-gate.js';

interface Claim {
  resolve(job: ClaimedJob | null): void;
  reject(error: unknown): void;
}

interface Settling {
  readonly settlement: Settlement;
  resolve(): void;
  reject(error: unknown): void;
}

/** The most jobs that one step claims. */
const MAX_CLAIM = 100;
const LEASE_LOST = 'its lease was lost, so that another may have it';

/**
 * Holds the popped jobs of one queue:
 *
 * 1. collects claims and settlements, and takes them to the storage, one step at a time;
 * 2. knows what it holds, and refuses to settle what it does not;
 * 3. puts everything back when it is closed.
 */
export class QueueHolder {
  private readonly held = new Map<string, ClaimedJob>();
  private readonly consumer: QueueConsumer;
  private readonly claims: Claim[] = [];
  private readonly settlings: Settling[] = [];
  private working: Promise<void> | undefined;
  private closed = false;

  /** @param open opens the consumer; it gets what to call when the lease is found to be lost */
  constructor(
    open: (onLost: () => void) => QueueConsumer,
    private readonly suspects: SuspectGate,
  ) {
    this.consumer = open(() => this.loseAll());
  }

  /** Takes the next job, if one is ready; never waits for one. */
  claim(): Promise<ClaimedJob | null> {
    if (this.closed) return Promise.reject(new QueueClosedError());
    return new Promise((resolve, reject) => {
      this.claims.push({ resolve, reject });
      this.work();
    });
  }

  /** @throws JobSettledError where the job is not held any more */
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
    const back = { kind: 'release', delay: 0, position: 'front' } as const;
    await Promise.allSettled([...this.held.values()].map((job) => this.settle(job, back)));
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
      const suspects = claims.length > 0 && this.suspects.enter();
      try {
        const settlements = settlings.map(({ settlement }) => settlement);
        const result = await this.consumer.step({ settlements, limit: claims.length, suspects });
        if (suspects && !result.jobs.some(isSuspect)) this.suspects.leave();
        this.finish(settlings, result);
        this.handOut(claims, result);
      } catch (error) {
        if (suspects) this.suspects.leave();
        for (const each of [...settlings, ...claims]) each.reject(error);
      }
    }
    // Here, and not when the promise has settled: what comes in between would be forgotten.
    this.working = undefined;
  }

  private finish(settlings: readonly Settling[], { lost, refused }: StepResult): void {
    for (const settling of settlings) {
      const { id } = settling.settlement;
      this.drop(id);
      if (lost || refused.includes(id)) settling.reject(new JobSettledError(id, LEASE_LOST));
      else settling.resolve();
    }
    if (lost) this.loseAll();
  }

  private handOut(claims: Claim[], { lost, jobs, more }: StepResult): void {
    jobs.forEach((job, index) => {
      this.held.set(job.id, job);
      claims[index]!.resolve(job);
    });
    const left = claims.slice(jobs.length);
    // Whoever lost its lease begins anew; and where there are more, what was found was no jobs.
    if ((lost || more) && !this.closed) this.claims.unshift(...left);
    else for (const claim of left) claim.resolve(null);
  }

  private loseAll(): void {
    for (const id of this.held.keys()) this.drop(id);
  }

  private drop(id: string): void {
    const job = this.held.get(id);
    if (!job) return;
    this.held.delete(id);
    if (isSuspect(job)) this.suspects.leave();
  }
}

function isSuspect({ crashes }: ClaimedJob): boolean {
  return crashes > 0;
}

import type { MonotonicClock } from '../support/clock.js';

/** The jobs of a claim are quick if all of them end within this time, in milliseconds. */
const QUICK = 5;

/** The allowance from which on two claims are under way at a time, in jobs. */
const FAR = 32;

/** The fewest slots of which two claims take half each. With fewer the polls cost the storage more than the worker gains. */
const FEWEST_TO_HALVE = 32;

/** Jobs that were claimed together. */
export interface Claim {
  /** Milliseconds on the monotonic clock. */
  readonly takenAt: number;
  /** The same moment on the clock of the storage. */
  readonly now: number;
  /** True if the queue had more ready jobs. */
  readonly more: boolean;
  /** The number of jobs that have not ended. */
  left: number;
}

/**
 * Decides how many jobs of a queue to claim beyond the free slots: the allowance.
 *
 * A worker that claims only for free slots is idle while the storage answers, and the storage is idle while the worker runs
 * jobs. If jobs take microseconds, that is most of the time, so the worker claims the next jobs before the last ones have
 * ended. Slower jobs gain nothing by it, and other workers could not claim them. So the allowance changes with the jobs:
 *
 * 1. it doubles, from 1 to its limit, if all jobs of a claim end within 5 ms and the queue has more;
 * 2. it is halved if they take longer;
 * 3. it is not used while a job of an earlier claim has not ended after 5 ms;
 * 4. it is 0 if the queue has no more jobs.
 */
export class PrefetchWindow {
  private allowance = 0;
  private readonly open = new Set<Claim>();

  /**
   * @param concurrency how many jobs run at once
   * @param most the most jobs that may wait in the worker for a slot
   */
  constructor(
    public concurrency: number,
    private readonly most: number,
    private readonly clock: MonotonicClock,
  ) {}

  /**
   * Returns how many jobs to claim: half of the jobs that the worker may hold, so that it runs the other half meanwhile; a
   * third if two claims are under way.
   *
   * @param free the number of free slots; negative if claimed jobs wait for a slot
   */
  limit(free: number): number {
    if (!this.isOn) return Math.max(free, 0);
    const part = Math.ceil((this.concurrency + this.allowance) / (this.isFar ? 3 : 2));
    return Math.max(Math.min(free + this.allowance, Math.max(part, free)), 0);
  }

  /** True if the worker may claim jobs beyond the free slots now. */
  get isOn(): boolean {
    return this.allowance > 0 && !this.isSlow;
  }

  /** True if the allowance is so large that two claims at a time save time. */
  get isFar(): boolean {
    return this.allowance >= FAR && !this.isSlow;
  }

  /** How many slots are half of all, if two claims at a time save time although no job is claimed beyond the free slots; 0 if not. */
  get half(): number {
    return this.isFar && this.concurrency >= FEWEST_TO_HALVE ? Math.ceil(this.concurrency / 2) : 0;
  }

  /** Records a claim, and sets the allowance to 0 if the queue has no more jobs. */
  taken(count: number, more: boolean, now = 0): Claim {
    const claim = { takenAt: this.clock.monotonic(), now, more, left: count };
    if (!more) this.allowance = 0;
    if (count > 0) this.open.add(claim);
    return claim;
  }

  /** Records that a job of a claim has ended or was requeued. The last job of a claim changes the allowance. */
  ended(claim: Claim): void {
    claim.left--;
    if (claim.left > 0) return;
    this.open.delete(claim);
    if (this.clock.monotonic() - claim.takenAt > QUICK) this.allowance = Math.floor(this.allowance / 2);
    else if (claim.more) this.allowance = Math.min(Math.max(this.allowance * 2, 1), this.most);
  }

  /** Sets the allowance to 0: it grows again after a claim whose jobs are quick. */
  reset(): void {
    this.allowance = 0;
  }

  private get isSlow(): boolean {
    // The claims stand in the order in which they were made.
    for (const oldest of this.open) return this.clock.monotonic() - oldest.takenAt > QUICK;
    return false;
  }
}

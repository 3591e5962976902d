import type { MonotonicClock } from '../../support/clock.js';
import { NO_LIMITS, type GroupLimits, type LimitsState, type StartLimits } from '../queue-limits.interface.js';
import type { ArrayJob } from './array-job.js';
import type { ArrayLease } from './array-lease.js';
import { ArrayWindow } from './array-window.js';

/** Limits how many jobs of a queue run at once, and how many start in a while; holds the queue back. A start is a claim. */
export class ArrayLimits {
  private window: ArrayWindow;

  /** The end of the hold, on the monotonic clock; it may be over. */
  private heldUntil = 0;

  /** What an operator has set in place of the options. */
  set: StartLimits | undefined;

  constructor(
    private readonly own: StartLimits,
    /** The leases that hold jobs. */
    private readonly leases: Iterable<ArrayLease>,
    private readonly clock: MonotonicClock,
  ) {
    this.window = new ArrayWindow(clock);
  }

  private get limits(): StartLimits {
    return this.set ?? this.own;
  }

  get state(): LimitsState {
    const left = this.heldUntil - this.clock.monotonic();
    const heldUntil = left > 0 ? this.clock.now() + left : null;
    return { limits: { ...this.limits }, isSet: this.set !== undefined, heldUntil };
  }

  /** True while no job may start, whatever the limits are. */
  get isHeld(): boolean {
    return this.heldUntil > this.clock.monotonic();
  }

  /** Holds the queue back. Of two holds the one that ends later counts. @param seconds how long @returns whether that changes anything */
  hold(seconds: number): boolean {
    const until = this.clock.monotonic() + Math.ceil(seconds * 1000);
    if (until <= Math.max(this.heldUntil, this.clock.monotonic())) return false;
    this.heldUntil = until;
    return true;
  }

  /** @returns whether the queue was held back */
  endHold(): boolean {
    const { isHeld } = this;
    this.heldUntil = 0;
    return isHeld;
  }

  get areOn(): boolean {
    const { concurrency, rateLimit, groups } = this.limits;
    return (concurrency ?? rateLimit ?? groups) !== undefined;
  }

  /** The limits of each group. */
  get ofGroups(): GroupLimits {
    return this.limits.groups ?? NO_LIMITS;
  }

  /** How many jobs run: those that consumers hold. */
  get running(): number {
    let sum = 0;
    for (const { jobs } of this.leases) sum += jobs.size;
    return sum;
  }

  /** Returns how many jobs may start now, at most `want`. */
  free(want: number): number {
    if (this.isHeld) return 0;
    const { concurrency, rateLimit } = this.limits;
    let free = want;
    if (concurrency !== undefined) free = Math.min(free, concurrency - this.running);
    if (rateLimit) free = Math.min(free, this.window.room(rateLimit));
    return Math.max(0, free);
  }

  /** When the next job may start, if only the time keeps it back, on the monotonic clock; else `Infinity`. */
  get opensAt(): number {
    if (this.isHeld) return this.heldUntil;
    const { concurrency = Infinity, rateLimit } = this.limits;
    if (!rateLimit || this.running >= concurrency) return Infinity;
    return this.window.opensAt(rateLimit);
  }

  /** Counts jobs that were claimed now. */
  started(jobs: readonly ArrayJob[]): void {
    const { rateLimit } = this.limits;
    for (const job of jobs) job.start = rateLimit && this.window.add();
  }

  /** Takes back the start of a job that was not started after its claim. */
  giveBack({ start }: ArrayJob): void {
    if (start && this.limits.rateLimit) this.window.giveBack(start);
  }

  /** Forgets everything. */
  clear(): void {
    this.window = new ArrayWindow(this.clock);
    this.set = undefined;
    this.heldUntil = 0;
  }
}

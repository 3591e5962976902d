import type { MonotonicClock } from '../../support/clock.js';
import type { GroupLimits } from '../queue-limits.interface.js';
import type { ArrayJob } from './array-job.js';
import { ArrayWindow, type Start } from './array-window.js';
import { ArrayReady } from './array-ready.js';

/**
 * Where a group is:
 *
 * - `ring`: it waits for its turn;
 * - `full`: as many of its jobs run as may;
 * - `held`: a job of it waits that has started before, and its jobs run strictly in order;
 * - `gate`: it waits for the time at which its next job may start;
 * - `none`: none of its jobs wait.
 */
type GroupState = 'ring' | 'full' | 'held' | 'gate' | 'none';

/** What keeps the next job of a group from starting. */
export type Obstacle = Exclude<GroupState, 'ring' | 'none'>;

/** A group of jobs that wait, or run. */
export class ArrayGroup {
  readonly jobs: ArrayReady;
  state: GroupState = 'none';
  /** When it leaves the state `gate`, on the monotonic clock. */
  gate = 0;
  /** The jobs that run, with their starts as far as these count. */
  private readonly running = new Map<ArrayJob, Start | undefined>();
  /** The jobs that hold it back: they have started before, and wait elsewhere. */
  readonly holders = new Set<ArrayJob>();
  private readonly window: ArrayWindow;
  /** The end of its hold, on the monotonic clock; it may be over. */
  heldUntil = 0;

  /**
   * @param number its number among all groups: a group that comes back gets another one
   * @param lowEach see {@link ArrayReady}
   */
  constructor(
    readonly name: string,
    readonly number: number,
    private readonly clock: MonotonicClock,
    lowEach: number,
  ) {
    this.jobs = new ArrayReady(lowEach);
    this.window = new ArrayWindow(clock);
  }

  /** Returns what keeps its next job from starting, or one that holds it back. */
  obstacle({ concurrency = Infinity, rateLimit, ordered }: GroupLimits, holder?: ArrayJob): Obstacle | undefined {
    if (this.running.size >= concurrency) return 'full';
    if (ordered && this.holders.size > 0 && !this.holders.has(holder!)) return 'held';
    return this.isHeld || (rateLimit && this.window.room(rateLimit) <= 0) ? 'gate' : undefined;
  }

  /** Returns when its hold ends, or its window has room if that is full, on the monotonic clock. */
  opensAt({ rateLimit }: GroupLimits): number {
    if (this.isHeld) return this.heldUntil;
    return rateLimit ? this.window.opensAt(rateLimit) : 0;
  }

  private get isHeld(): boolean {
    return this.heldUntil > this.clock.monotonic();
  }

  /** Holds it back. Of two holds the one that ends later counts. @param seconds how long @returns whether that changes anything */
  hold(seconds: number): boolean {
    const now = this.clock.monotonic();
    const until = now + Math.ceil(seconds * 1000);
    if (until <= Math.max(this.heldUntil, now)) return false;
    this.heldUntil = until;
    return true;
  }

  /** @returns whether it was held back */
  endHold(): boolean {
    const { isHeld } = this;
    this.heldUntil = 0;
    return isHeld;
  }

  /** Takes the next one of its ready jobs. */
  takeNext(): ArrayJob | undefined {
    const job = this.jobs.takeNext();
    this.forgetTurns();
    return job;
  }

  /** Removes one of its ready jobs. */
  remove(job: ArrayJob): void {
    this.jobs.remove(job);
    this.forgetTurns();
  }

  /** Without a ready job nothing is known of the turns of its priorities. */
  private forgetTurns(): void {
    if (this.jobs.length === 0) this.jobs.reset();
  }

  /** One of its jobs starts. */
  start(job: ArrayJob, { rateLimit }: GroupLimits): void {
    this.holders.delete(job);
    this.running.set(job, rateLimit && this.window.add());
  }

  /** The start of a job that runs does not count. @returns whether it has counted */
  giveBack(job: ArrayJob): boolean {
    const start = this.running.get(job);
    if (start) this.window.giveBack(start);
    return start !== undefined;
  }

  /** A job does not run any more. @returns whether it ran */
  end(job: ArrayJob): boolean {
    return this.running.delete(job);
  }

  /** True if nothing has to be remembered of it. */
  isIdle({ rateLimit }: GroupLimits): boolean {
    const hasStarts = rateLimit !== undefined && this.window.room(rateLimit) < rateLimit.max;
    return this.jobs.length + this.running.size + this.holders.size === 0 && !hasStarts && !this.isHeld;
  }
}

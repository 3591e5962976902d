import type { Clock, Timer } from '../support/clock.js';

/** The reasons why a worker stops. */
export type StopReason = 'stopped' | 'empty' | 'max-jobs' | 'max-time' | 'max-memory';

export interface LimitOptions {
  readonly maxJobs?: number;
  /** Seconds. */
  readonly maxTime?: number;
  /** Bytes of resident memory. */
  readonly maxMemory?: number;
}

/** How often the resident memory is read, in milliseconds. */
const MEMORY_INTERVAL = 1_000;

/** Counts the jobs that a run may still claim, and ends the run when its time or memory is used up. */
export class RunLimits {
  /** The number of jobs that the run may still claim. */
  remaining: number;
  private readonly timers: Timer[] = [];

  constructor(
    private readonly options: LimitOptions,
    private readonly clock: Clock,
    private readonly onReached: (reason: StopReason) => void,
  ) {
    this.remaining = options.maxJobs ?? Infinity;
  }

  start(): void {
    const { maxTime, maxMemory } = this.options;
    if (maxTime !== undefined) this.timers.push(this.clock.after(maxTime * 1000, () => this.onReached('max-time')));
    if (maxMemory !== undefined) this.watchMemory(maxMemory);
  }

  stop(): void {
    for (const timer of this.timers) timer.cancel();
  }

  private watchMemory(limit: number): void {
    const check = (): void => {
      if (process.memoryUsage.rss() > limit) this.onReached('max-memory');
      else this.timers[index] = this.clock.after(MEMORY_INTERVAL, check);
    };
    const index = this.timers.length;
    this.timers.push(this.clock.after(MEMORY_INTERVAL, check));
  }
}

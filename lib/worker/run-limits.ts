import type { Clock, Timer } from '../support/clock.js';

/** Why a worker stopped. */
export type StopReason = 'stopped' | 'empty' | 'max-jobs' | 'max-time' | 'max-memory';

export interface LimitOptions {
  readonly maxJobs?: number;
  /** Seconds. */
  readonly maxTime?: number;
  /** Bytes of resident memory. */
  readonly maxMemory?: number;
}

/** How often the memory is looked at, in milliseconds. */
const MEMORY_INTERVAL = 1_000;

/** Watches how much a run may still do, and says when it is enough. */
export class RunLimits {
  private taken = 0;
  private readonly timers: Timer[] = [];

  constructor(
    private readonly options: LimitOptions,
    private readonly clock: Clock,
    private readonly onReached: (reason: StopReason) => void,
  ) {}

  start(): void {
    const { maxTime, maxMemory } = this.options;
    if (maxTime !== undefined) this.timers.push(this.clock.after(maxTime * 1000, () => this.onReached('max-time')));
    if (maxMemory !== undefined) this.watchMemory(maxMemory);
  }

  stop(): void {
    for (const timer of this.timers) timer.cancel();
  }

  /** How many more jobs may be claimed. */
  get remaining(): number {
    return (this.options.maxJobs ?? Infinity) - this.taken;
  }

  /** Counts claimed jobs. */
  take(count: number): void {
    this.taken += count;
  }

  /** Counts claimed jobs that were not run. */
  giveBack(count: number): void {
    this.taken -= count;
  }

  private watchMemory(limit: number): void {
    const look = (): void => {
      if (process.memoryUsage.rss() > limit) this.onReached('max-memory');
      else this.timers[slot] = this.clock.after(MEMORY_INTERVAL, look);
    };
    const slot = this.timers.length;
    this.timers.push(this.clock.after(MEMORY_INTERVAL, look));
  }
}

import type { MonotonicClock, Timer } from '../../lib/support/clock.js';

/** The clock of a process that a test can stop: timers that are due during the stop fire when it resumes. */
export class StallableClock implements MonotonicClock {
  private stalled = false;
  private readonly overdue = new Set<() => void>();

  constructor(private readonly clock: MonotonicClock) {}

  now(): number {
    return this.clock.now();
  }

  monotonic(): number {
    return this.clock.monotonic();
  }

  after(milliseconds: number, callback: () => void): Timer {
    const timer = this.clock.after(milliseconds, () => {
      if (this.stalled) this.overdue.add(callback);
      else callback();
    });
    return {
      cancel: () => {
        timer.cancel();
        this.overdue.delete(callback);
      },
    };
  }

  stall(): void {
    this.stalled = true;
  }

  resume(): void {
    this.stalled = false;
    const callbacks = [...this.overdue];
    this.overdue.clear();
    for (const callback of callbacks) callback();
  }
}

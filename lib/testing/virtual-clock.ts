import type { MonotonicClock, Timer } from '../support/clock.js';
import { eventLoopTurns } from './event-loop-turns.js';

interface VirtualTimer {
  readonly due: number;
  readonly callback: () => void;
}

/** The clock of a queue under test: it stands still until the test lets time pass. */
export class VirtualClock implements MonotonicClock {
  private readonly timers = new Set<VirtualTimer>();
  private time: number;

  /** @param start milliseconds since the Unix epoch. Default: 2030-01-01, 00:00 UTC */
  constructor(start: number = Date.UTC(2030, 0, 1)) {
    this.time = start;
  }

  now(): number {
    return this.time;
  }

  monotonic(): number {
    return this.time;
  }

  after(milliseconds: number, callback: () => void): Timer {
    const timer = { due: this.time + Math.max(0, milliseconds), callback };
    this.timers.add(timer);
    return { cancel: () => void this.timers.delete(timer) };
  }

  /** When the next timer is due; `undefined` without one. */
  get nextDue(): number | undefined {
    return this.first(Number.POSITIVE_INFINITY)?.due;
  }

  /**
   * Lets time pass up to a moment, and calls the timers that are due in their order, each at its own time. What one has caused
   * happens before the next one.
   *
   * @param time milliseconds since the Unix epoch
   */
  async passTo(time: number): Promise<void> {
    for (let timer = this.first(time); timer; timer = this.first(time)) {
      this.timers.delete(timer);
      this.time = Math.max(this.time, timer.due);
      timer.callback();
      await eventLoopTurns();
    }
    this.time = Math.max(this.time, time);
  }

  /** Finds the first timer that is due. Of two timers for the same time, the older one comes first. */
  private first(time: number): VirtualTimer | undefined {
    let first: VirtualTimer | undefined;
    for (const timer of this.timers) if (timer.due <= time && (!first || timer.due < first.due)) first = timer;
    return first;
  }
}

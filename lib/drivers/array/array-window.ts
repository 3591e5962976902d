import type { MonotonicClock } from '../../support/clock.js';
import type { RateWindow } from '../queue-limits.interface.js';

/** A start that counts. */
export interface Start {
  /** On the monotonic clock, in milliseconds. */
  readonly at: number;
}

/** The starts of jobs that may be in a window. */
export class ArrayWindow {
  /** In their order. */
  private starts: Start[] = [];

  constructor(private readonly clock: MonotonicClock) {}

  /** Notes a start that happens now. */
  add(): Start {
    const start = { at: this.clock.monotonic() };
    this.starts.push(start);
    return start;
  }

  /** Takes a start back. Does nothing if it has left the window. */
  giveBack(start: Start): void {
    const index = this.starts.lastIndexOf(start);
    if (index >= 0) this.starts.splice(index, 1);
  }

  /** Returns how many jobs may start now. Forgets the starts that have left the window. */
  room({ max, per }: RateWindow): number {
    const since = this.clock.monotonic() - per * 1000;
    const first = this.starts.findIndex(({ at }) => at > since);
    if (first !== 0) this.starts = first < 0 ? [] : this.starts.slice(first);
    return max - this.starts.length;
  }

  /** Returns when the next job may start, on the monotonic clock, if the window is full. */
  opensAt({ max, per }: RateWindow): number {
    return this.starts.at(-max)!.at + per * 1000;
  }
}

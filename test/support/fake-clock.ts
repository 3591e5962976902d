import type { Clock, Timer } from '../../lib/support/clock.js';

/** A clock that stands still until it is told to go on. */
export class FakeClock implements Clock {
  private readonly timers = new Set<FakeTimer>();

  constructor(private time = Date.UTC(2026, 0, 1)) {}

  /** How many timers are armed. */
  get pending(): number {
    return this.timers.size;
  }

  now(): number {
    return this.time;
  }

  after(milliseconds: number, callback: () => void): Timer {
    const timer = { due: this.time + Math.max(0, milliseconds), callback };
    this.timers.add(timer);
    return { cancel: () => void this.timers.delete(timer) };
  }

  /**
   * Lets time pass: the timers that fall due fire in their order, those they arm included, each at its own time and
   * with what it set off run before the next one.
   */
  async advance(seconds: number): Promise<void> {
    const end = this.time + Math.round(seconds * 1000);
    await settled();
    for (let timer = this.next(end); timer; timer = this.next(end)) {
      this.timers.delete(timer);
      this.time = Math.max(this.time, timer.due);
      timer.callback();
      await settled();
    }
    this.time = end;
  }

  /** The timer that fires next, of those due by then; of two for the same time the one armed first. */
  private next(end: number): FakeTimer | undefined {
    let next: FakeTimer | undefined;
    for (const timer of this.timers) {
      if (timer.due <= end && (!next || timer.due < next.due)) next = timer;
    }
    return next;
  }
}

interface FakeTimer {
  readonly due: number;
  readonly callback: () => void;
}

/** Resolves when everything that promises have set off has run: they come before the next turn of the event loop. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

import type { Clock, Timer } from '../../lib/support/clock.js';

/** A clock that stands still until a test calls {@link advance}. */
export class FakeClock implements Clock {
  private readonly timers = new Set<FakeTimer>();

  constructor(private time = Date.UTC(2026, 0, 1)) {}

  /** The number of pending timers. */
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
   * Advances the time and fires the due timers in order, including new timers that they start. Each timer fires at its
   * own time, and the promises that it settles run before the next timer fires.
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

  /** Finds the first timer that is due before the end. Of two timers for the same time, the older one comes first. */
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

/** Resolves after all pending promise callbacks: they run before the next turn of the event loop. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

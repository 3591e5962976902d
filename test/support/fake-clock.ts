import type { MonotonicClock, Timer } from '../../lib/support/clock.js';

/** A clock that stands still until a test calls {@link advance}. */
export class FakeClock implements MonotonicClock {
  private readonly timers = new Set<FakeTimer>();
  private step = 0;

  constructor(private time = Date.UTC(2026, 0, 1)) {}

  /** The number of pending timers. */
  get pending(): number {
    return this.timers.size;
  }

  now(): number {
    return this.time + this.step;
  }

  monotonic(): number {
    return this.time;
  }

  after(milliseconds: number, callback: () => void): Timer {
    const timer = { due: this.time + Math.max(0, milliseconds), callback };
    this.timers.add(timer);
    return { cancel: () => void this.timers.delete(timer) };
  }

  /** Sets the clock forward, or back, by so many seconds, as an administrator or NTP does. No time passes. */
  set(seconds: number): void {
    this.step += seconds * 1000;
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

/** The turns of the event loop after which a worker has gone on: it lets two pass if its jobs took long. */
const TURNS = 3;

/** Resolves after all pending promise callbacks, and those that follow when the event loop has had its turn. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

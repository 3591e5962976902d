import { performance } from 'node:perf_hooks';

/** A timer. It may be cancelled twice. */
export interface Timer {
  cancel(): void;
}

/** Gives the library its time and its timers. Tests replace it by a fake. */
export interface Clock {
  /** Returns the milliseconds since the Unix epoch: the time to show. It may be set forward and back at any moment. */
  now(): number;
  /** Calls `callback` once after `milliseconds`; for 0 and less in the next turn of the event loop. */
  after(milliseconds: number, callback: () => void): Timer;
  /** Returns the milliseconds of a clock that cannot be set: the time to measure with. Without it, {@link now} is taken. */
  monotonic?(): number;
}

/** A clock as the library uses it: every span of time is measured with {@link monotonic}. */
export interface MonotonicClock extends Clock {
  monotonic(): number;
}

/** The longest delay of `setTimeout`, in milliseconds: it runs a timer with a longer delay at once. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

const { timeOrigin } = performance;
/** Reads the monotonic clock. Fake timers replace the method, so it is taken while they are away. */
let readTimer = performance.now.bind(performance);
let knownDate: DateConstructor | undefined;
let isDateFake = false;

/** The clock of the machine. */
export const systemClock: MonotonicClock = {
  now: () => Date.now(),
  monotonic() {
    if (Date !== knownDate) inspectDate();
    return isDateFake ? Date.now() : Math.floor(timeOrigin + readTimer());
  },
  after(milliseconds, callback) {
    const part = Math.min(Math.max(milliseconds, 0), LONGEST_TIMEOUT);
    let rest: Timer | undefined;
    const handle = setTimeout(() => {
      if (milliseconds > part) rest = systemClock.after(milliseconds - part, callback);
      else callback();
    }, part);
    return {
      cancel() {
        clearTimeout(handle);
        rest?.cancel();
      },
    };
  },
};

/** Gives a clock of an application what the library needs of a clock. */
export function toMonotonic(clock: Clock): MonotonicClock {
  if (clock.monotonic) return clock as MonotonicClock;
  return {
    now: () => clock.now(),
    monotonic: () => clock.now(),
    after: (milliseconds, callback) => clock.after(milliseconds, callback),
  };
}

/** Fake timers of a test replace the whole of `Date`. Then their time counts for everything. */
function inspectDate(): void {
  knownDate = Date;
  // A fake may be a function of its own, or a proxy that shares its prototype with the real one.
  const isOwnFunction = !Function.prototype.toString.call(Date).includes('[native code]');
  isDateFake = isOwnFunction || Date.prototype.constructor !== Date;
  if (!isDateFake) readTimer = performance.now.bind(performance);
}

/** Returns true while fake timers of a test replace the time, as far as the last reading of the clock shows. */
export function isTimeFake(): boolean {
  return isDateFake;
}

/** Returns the milliseconds of the timer of the machine, also while fake timers replace the time. */
export function realTime(): number {
  return readTimer();
}

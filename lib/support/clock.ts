/** A timer. It may be cancelled twice. */
export interface Timer {
  cancel(): void;
}

/** Gives the library its time and its timers. Tests replace it by a fake. */
export interface Clock {
  /** Returns the milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `callback` once after `milliseconds`; for 0 and less in the next turn of the event loop. */
  after(milliseconds: number, callback: () => void): Timer;
}

/** The longest delay of `setTimeout`, in milliseconds: it runs a timer with a longer delay at once. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, callback) {
    let handle: NodeJS.Timeout;
    const arm = (left: number): void => {
      const part = Math.min(Math.max(left, 0), LONGEST_TIMEOUT);
      handle = setTimeout(() => (left > part ? arm(left - part) : callback()), part);
    };
    arm(milliseconds);
    return { cancel: () => clearTimeout(handle) };
  },
};

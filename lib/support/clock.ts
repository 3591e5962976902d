/** A timer that can be called off; calling it off twice is fine. */
export interface Timer {
  cancel(): void;
}

/** The time and the timers that the library runs on; tests put a clock of their own in its place. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `callback` once after `milliseconds` (0 and less: in the next turn). */
  after(milliseconds: number, callback: () => void): Timer;
}

/** The longest delay `setTimeout` takes; a longer one would fire at once. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** The machine's own clock. */
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

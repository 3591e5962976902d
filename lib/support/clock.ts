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

/**
 * Settles as a promise does, or rejects when that takes too long. The work behind the promise goes on.
 *
 * @param milliseconds from now; 0 or less: until the next turn
 * @param late makes the error of a promise that takes too long
 */
export function withTimeLimit<T>(
  promise: Promise<T>,
  clock: Clock,
  milliseconds: number,
  late: () => Error,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = clock.after(milliseconds, () => reject(late()));
    promise.then(
      (value) => {
        timer.cancel();
        resolve(value);
      },
      (error: Error) => {
        timer.cancel();
        reject(error);
      },
    );
  });
}

/** Waits for a promise, at most for so many milliseconds. The work behind it goes on. Rejects if the promise does. */
export async function waitAtMost(promise: Promise<unknown>, clock: Clock, milliseconds: number): Promise<void> {
  let timer: Timer | undefined;
  const limit = new Promise<void>((resolve) => (timer = clock.after(milliseconds, resolve)));
  try {
    await Promise.race([promise, limit]);
  } finally {
    timer?.cancel();
  }
}

import type { Clock, Timer } from './clock.js';

/**
 * Settles as a promise does, or rejects when that takes too long. What was promised goes on.
 *
 * @param milliseconds from now; 0 and less leave it the rest of this turn
 * @param late makes the error to reject with, when the time is over
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

/** Waits for a promise, but no longer than so many milliseconds from now. What was promised goes on. Rejects as it does. */
export async function waitAtMost(promise: Promise<unknown>, clock: Clock, milliseconds: number): Promise<void> {
  let timer: Timer | undefined;
  const limit = new Promise<void>((resolve) => (timer = clock.after(milliseconds, resolve)));
  try {
    await Promise.race([promise, limit]);
  } finally {
    timer?.cancel();
  }
}

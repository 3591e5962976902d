import type { Clock, Timer } from './clock.js';

/**
 * Settles as the promise does, or rejects when the time is over. Does not stop the work behind the promise.
 *
 * @param milliseconds from now; with 0 and less the promise has until the next turn of the event loop
 * @param late makes the error for a promise that is late
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

/** Waits for a promise at most this number of milliseconds. Rejects as the promise does. Does not stop the work behind it. */
export async function waitAtMost(promise: Promise<unknown>, clock: Clock, milliseconds: number): Promise<void> {
  let timer: Timer | undefined;
  const limit = new Promise<void>((resolve) => (timer = clock.after(milliseconds, resolve)));
  try {
    await Promise.race([promise, limit]);
  } finally {
    timer?.cancel();
  }
}

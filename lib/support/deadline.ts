import { setImmediate } from 'node:timers';
import type { Clock, Timer } from './clock.js';

/** The number of parts in which a deadline is awaited, unless they would be too short. */
const PARTS = 20;
/** The shortest part of a longer wait, in milliseconds. A shorter wait has {@link FEWEST_PARTS}. */
const SHORTEST_PART = 50;
const FEWEST_PARTS = 4;

/**
 * Calls `callback` once when so much time has passed without what the caller waits for. Nothing is concluded from a silence of
 * a process that did not listen:
 *
 * 1. time in which the event loop was blocked does not count. The wait has parts, and a part counts no more than its length,
 *    however late its timer fires;
 * 2. at the end, the sockets are read before the callback.
 *
 * @param milliseconds from now; 0 or less: until the next turn
 */
export function onDeadline(clock: Clock, milliseconds: number, callback: () => void): Timer {
  const shortest = Math.min(SHORTEST_PART, milliseconds / FEWEST_PARTS);
  const longest = Math.ceil(Math.max(milliseconds / PARTS, shortest));
  let left = milliseconds;
  let cancelled = false;
  let timer: Timer;
  const wait = (): void => {
    const part = Math.min(left, longest);
    left -= part;
    timer = clock.after(part, left > 0 ? wait : finish);
  };
  const finish = (): void => {
    setImmediate(() => {
      if (!cancelled) callback();
    });
  };
  wait();
  return {
    cancel() {
      cancelled = true;
      timer.cancel();
    },
  };
}

/**
 * Settles as a promise does, or rejects when that takes too long. The work behind the promise goes on.
 *
 * @param milliseconds from now, see {@link onDeadline}
 * @param late makes the error of a promise that takes too long
 */
export function withTimeLimit<T>(
  promise: Promise<T>,
  clock: Clock,
  milliseconds: number,
  late: () => Error,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = onDeadline(clock, milliseconds, () => reject(late()));
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

/**
 * Waits for a promise, at most for so many milliseconds, see {@link onDeadline}. The work behind it goes on. Rejects if the
 * promise does.
 */
export async function waitAtMost(promise: Promise<unknown>, clock: Clock, milliseconds: number): Promise<void> {
  let timer: Timer | undefined;
  const limit = new Promise<void>((resolve) => (timer = onDeadline(clock, milliseconds, resolve)));
  try {
    await Promise.race([promise, limit]);
  } finally {
    timer?.cancel();
  }
}

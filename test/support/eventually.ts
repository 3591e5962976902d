import { setTimeout as pause } from 'node:timers/promises';
import { within } from './deadline.js';

export interface EventuallyOptions {
  /** Milliseconds until it rejects. Default: 5,000. */
  readonly timeout?: number;
  /** Milliseconds between two checks. Default: 10. */
  readonly interval?: number;
}

/**
 * Calls `check` until it passes, and resolves with its result. A check passes if it neither throws (so it may contain
 * assertions) nor returns `false` or `null`.
 *
 *     await eventually(async () => expect(await redis.llen('queue:default')).toBe(0));
 *     const status = await eventually(() => queue.getJobStatus(id));
 *
 * A check that never ends is abandoned at the deadline too. If the test can wait for a signal (see `deferred`), do that.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeout = 5_000, interval = 10 }: EventuallyOptions = {},
): Promise<Exclude<T, false | null>> {
  const deadline = Date.now() + timeout;
  let last: unknown;
  do {
    try {
      const value = await within(Promise.resolve(check()), Math.max(1, deadline - Date.now()), 'a single check');
      if (value !== false && value !== null) return value as Exclude<T, false | null>;
      last = new Error(`it was still ${String(value)}`);
    } catch (error) {
      last = error;
    }
    await pause(interval);
  } while (Date.now() < deadline);
  const reason = last instanceof Error ? last.message : String(last);
  throw new Error(`Not within ${timeout} ms: ${reason}`, { cause: last });
}

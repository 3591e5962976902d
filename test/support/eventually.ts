import { setTimeout as pause } from 'node:timers/promises';
import { within } from './deadline.js';

export interface EventuallyOptions {
  /** Milliseconds until it gives up. */
  readonly timeout?: number;
  /** Milliseconds between two looks. */
  readonly interval?: number;
}

/**
 * Waits until `check` holds and resolves with what it returned. It holds when it neither throws, so that assertions can
 * stand in it, nor returns `false` or `null`.
 *
 *     await eventually(async () => expect(await redis.llen('queue:default')).toBe(0));
 *     const status = await eventually(() => queue.getJobStatus(id));
 *
 * A look that never ends is given up at the deadline too. Where a signal can be had (see `deferred`), wait on that.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeout = 5_000, interval = 10 }: EventuallyOptions = {},
): Promise<Exclude<T, false | null>> {
  const deadline = Date.now() + timeout;
  let last: unknown;
  do {
    try {
      const value = await within(Promise.resolve(check()), Math.max(1, deadline - Date.now()), 'a single look');
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

import { InvalidOptionError } from '../queue.errors.js';
import { duration, type Check } from '../support/checks.js';
import type { Duration } from '../support/duration.js';

/**
 * How long a job waits between two attempts:
 *
 * - `exponential`: `retryDelay`, then twice as long each time, at most `maxRetryDelay`;
 * - `fixed`: always `retryDelay`;
 * - a list: after the first attempt its first pause, and so on; the last one repeats. `retryDelay` and `getRetryDelay()` do not
 *   count then.
 */
export type Backoff = 'exponential' | 'fixed' | readonly Duration[];

/**
 * Returns the pause after a failed attempt. `retryDelay`, `getRetryDelay()`, `maxRetryDelay` and `retryJitter` do not count then.
 *
 * @param attempt the number of the failed attempt, from 1
 */
export type BackoffFunction = (attempt: number, error: Error) => Duration;

/** A {@link Backoff}, checked; in seconds. */
export type CheckedBackoff = 'exponential' | 'fixed' | readonly number[];

const MOST_PAUSES = 100;
const DAY = 86_400;
/** Checks a pause of a job; read as seconds. */
const pauseCheck = duration(0, Number.POSITIVE_INFINITY, DAY);

const EXPECTED = `"exponential", "fixed", or a list of 1 to ${MOST_PAUSES} pauses, each ${pauseCheck.expected}`;

/** Checks the backoff of a push, or of the module. */
export const backoffCheck: Check<CheckedBackoff> = {
  expected: EXPECTED,
  read(value) {
    if (value === 'exponential' || value === 'fixed') return value;
    if (!Array.isArray(value) || value.length === 0 || value.length > MOST_PAUSES) return undefined;
    const pauses = value.map((pause) => pauseCheck.read(pause));
    return pauses.every((pause) => pause !== undefined) ? Object.freeze(pauses) : undefined;
  },
};

/** Checks the backoff of a job class or of a definition. */
export const ownBackoffCheck: Check<CheckedBackoff | BackoffFunction> = {
  expected: `${EXPECTED}; or a function`,
  read: (value) => (typeof value === 'function' ? (value as BackoffFunction) : backoffCheck.read(value)),
};

/** Reads the backoff in a stored record; `undefined` if it is none. */
export function storedBackoff(value: unknown): CheckedBackoff | undefined {
  return value === undefined ? undefined : backoffCheck.read(value);
}

/** Asks a function for the pause after an attempt; seconds. @throws what it throws; InvalidOptionError if it returns no pause */
export function readPause(backoff: BackoffFunction, attempt: number, error: Error): number {
  const given = backoff(attempt, error);
  const pause = pauseCheck.read(given);
  if (pause === undefined) throw new InvalidOptionError('backoff()', pauseCheck.expected, given);
  return pause;
}

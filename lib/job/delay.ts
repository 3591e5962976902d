import { InvalidDelayError } from '../queue.errors.js';
import { DURATION_EXPECTED, LONGEST_DURATION, toSeconds } from '../support/duration.js';

/**
 * Reads the delay of a job.
 *
 * @param value a duration, or a `Date` (if it has passed, the delay is 0)
 * @param now milliseconds since the epoch
 * @returns seconds
 * @throws InvalidDelayError
 */
export function readDelay(value: unknown, now: number): number {
  const seconds = value instanceof Date ? untilDate(value, now) : toSeconds(value);
  if (seconds === undefined) throw new InvalidDelayError('delay', `${DURATION_EXPECTED}, or a Date`, value);
  return seconds;
}

function untilDate(date: Date, now: number): number | undefined {
  const seconds = Math.max((date.getTime() - now) / 1000, 0);
  return seconds <= LONGEST_DURATION ? seconds : undefined;
}

import { Cron } from 'croner';

/** The time zone of an expression that names none. */
export const DEFAULT_TIME_ZONE = 'UTC';

/**
 * Reads a cron expression. A time of the day that a change of the clock skips comes at its end, and one that comes twice counts once, unless
 * the minute or the hour is a wildcard: that is the rule of Vixie cron.
 *
 * @throws Error if the expression or the time zone is none
 */
export function readCron(pattern: string, timeZone: string): Cron {
  // Croner takes a date for an expression with one occurrence.
  if (/^\s*\d{4}-/.test(pattern)) throw new Error('a date is no cron expression');
  return new Cron(pattern, { timezone: timeZone, paused: true, fixedTimeRule: 'no-wildcard' });
}

/** Returns the first occurrence after a time; `undefined` if there is none. Times in milliseconds. */
export function nextRun(cron: Cron, after: number): number | undefined {
  return cron.nextRun(new Date(after))?.getTime();
}

/** Returns the last occurrences up to a time, at most so many, the earliest one first. */
export function lastRuns(cron: Cron, upTo: number, most: number): number[] {
  return cron
    .previousRuns(most, new Date(upTo + 1))
    .map((date) => date.getTime())
    .reverse();
}

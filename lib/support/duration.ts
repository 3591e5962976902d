import ms from 'ms';

/** A length of time: a number of seconds (fractions allowed) or a string such as `'5m'`, `'1.5h'`, `'30 seconds'`. */
export type Duration = number | string;

/**
 * The longest duration the library takes, in seconds: ten years. A longer one is
 * nearly always a unit mixed up (milliseconds where seconds are meant).
 */
export const LONGEST_DURATION = 10 * 365.25 * 86_400;

/**
 * Reads a duration.
 *
 * @param value a number of seconds, a number written as a string (seconds too), or a string
 *   with a unit as the package `ms` reads it
 * @returns seconds, or `undefined` where the value is no duration: not finite, negative, longer than
 *   {@link LONGEST_DURATION}, or not readable
 */
export function toSeconds(value: unknown): number | undefined {
  const seconds = typeof value === 'string' ? readText(value) : value;
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds <= LONGEST_DURATION)) return undefined;
  return seconds;
}

function readText(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > 100) return undefined;
  const plain = Number(trimmed);
  if (!Number.isNaN(plain)) return plain;
  const milliseconds = ms(trimmed as ms.StringValue);
  return typeof milliseconds === 'number' ? milliseconds / 1000 : undefined;
}

/** What a duration looks like, for messages. */
export const DURATION_EXPECTED = `seconds (0 to ${LONGEST_DURATION}, fractions allowed) or a string such as "5m"`;

import ms from 'ms';

type Unit =
  | ('ms' | 'msec' | 'msecs' | 'millisecond' | 'milliseconds')
  | ('s' | 'sec' | 'secs' | 'second' | 'seconds')
  | ('m' | 'min' | 'mins' | 'minute' | 'minutes')
  | ('h' | 'hr' | 'hrs' | 'hour' | 'hours')
  | ('d' | 'day' | 'days')
  | ('w' | 'week' | 'weeks')
  | ('y' | 'yr' | 'yrs' | 'year' | 'years');
type UnitInAnyCase = Unit | Capitalize<Unit> | Uppercase<Unit>;

/**
 * A duration: a number of seconds (fractions allowed) or a string such as `'5m'`, `'1.5h'`, `'30 seconds'`. The compiler refuses
 * other text: for a text that it does not know there is {@link duration}.
 */
export type Duration = number | `${number}` | `${number}${UnitInAnyCase}` | `${number} ${UnitInAnyCase}`;

/**
 * The longest duration that the library accepts, in seconds: ten years. A longer one is nearly always a mistake with the
 * unit (milliseconds in place of seconds).
 */
export const LONGEST_DURATION = 10 * 365.25 * 86_400;

/**
 * Reads a duration.
 *
 * @param value a number of seconds, a number of seconds as a string, or a string with a unit of the package `ms`
 * @returns seconds, or `undefined` if the value is no duration: not finite, negative, longer than
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

/** The expected form of a duration, for error messages. */
export const DURATION_EXPECTED = `seconds (0 to ${LONGEST_DURATION}, fractions allowed) or a string such as "5m"`;

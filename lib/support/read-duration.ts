import { InvalidDelayError } from '../queue.errors.js';
import { DURATION_EXPECTED, toSeconds, type Duration } from './duration.js';

/**
 * Reads a duration from a text that the compiler does not know, such as a value of a configuration.
 *
 * @param text for example `'5m'`
 * @throws InvalidDelayError
 *
 * @example
 * ```ts
 * await queue.later(SendEmailJob, email, duration(config.getOrThrow('EMAIL_DELAY')));
 * ```
 */
export function duration(text: string | number): Duration {
  const seconds = toSeconds(text);
  if (seconds === undefined) throw new InvalidDelayError('duration', DURATION_EXPECTED, text);
  return seconds;
}

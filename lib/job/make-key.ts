import { InvalidOptionError } from '../queue.errors.js';
import { errorMessage, toError } from '../support/error-text.js';
import { keyCheck } from './unique-options.js';

/**
 * Makes a key with a function of the application.
 *
 * @param option its name in messages
 * @throws InvalidOptionError if it throws, or returns no key
 */
export function makeKey(jobName: string, option: string, make: (data: unknown) => unknown, data: unknown): string {
  let made: unknown;
  try {
    made = make(data);
  } catch (cause) {
    const expected = `a function that makes a key of the data of job ${jobName}; it throws: ${errorMessage(toError(cause))}`;
    throw new InvalidOptionError(option, expected, make, { cause });
  }
  const read = keyCheck.read(made);
  if (read === undefined) {
    throw new InvalidOptionError(option, `a function that returns ${keyCheck.expected} for job ${jobName}`, made);
  }
  return read;
}

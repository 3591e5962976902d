import { InvalidOptionError } from '../queue.errors.js';
import { errorMessage, toError } from '../support/error-text.js';
import { keyCheck } from './unique-options.js';

type MakeKey = (data: unknown) => unknown;

/**
 * Makes a key with a function of the application.
 *
 * @param option its name in messages
 * @param mayBeNone true if it may return `undefined`
 * @throws InvalidOptionError if it throws, or returns no key
 */
export function makeKey(jobName: string, option: string, make: MakeKey, data: unknown): string;
export function makeKey(
  jobName: string,
  option: string,
  make: MakeKey,
  data: unknown,
  mayBeNone: true,
): string | undefined;
export function makeKey(
  jobName: string,
  option: string,
  make: MakeKey,
  data: unknown,
  mayBeNone = false,
): string | undefined {
  let made: unknown;
  try {
    made = make(data);
  } catch (cause) {
    const expected = `a function that makes a key of the data of job ${jobName}; it throws: ${errorMessage(toError(cause))}`;
    throw new InvalidOptionError(option, expected, make, { cause });
  }
  if (mayBeNone && made === undefined) return undefined;
  const read = keyCheck.read(made);
  if (read === undefined) {
    const key = mayBeNone ? `${keyCheck.expected}, or undefined,` : keyCheck.expected;
    throw new InvalidOptionError(option, `a function that returns ${key} for job ${jobName}`, made);
  }
  return read;
}

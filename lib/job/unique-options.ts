import type { Check } from '../support/checks.js';
import { duration, oneOf } from '../support/checks.js';
import type { Duration } from '../support/duration.js';
import type { OptionReader } from '../support/option-reader.js';

/** What makes a job unique, in `@Job()` and `defineJob()`. */
export interface UniqueOptions<Data = unknown> {
  /**
   * Jobs of one key are the same job, within a queue and a job name: 1 to 256 characters without control characters; or a function that
   * makes it of the data. Default: a hash of the data.
   */
  key?: string | ((data: Data) => string);
  /**
   * Up to when a job has its key: to its `end` (completed, failed for good, cancelled or removed), or to its first `start`.
   * Default: `end`.
   */
  until?: 'end' | 'start';
  /** The key stays taken for so long after the push anyway, also if the job has ended; at least 1 ms. Default: no longer. */
  for?: Duration;
}

/** What makes a job unique, in the options of a push: the key as a value. */
export type PushUniqueOptions = UniqueOptions & { key?: string };

/** {@link UniqueOptions}, checked; seconds. */
export interface CheckedUnique {
  readonly key?: string | ((data: unknown) => unknown);
  readonly until?: 'end' | 'start';
  readonly for?: number;
}

const KEY = /^[^\p{Cc}\p{Cs}]+$/u;
/** The most UTF-16 units of a key. */
const MAX_LENGTH = 256;

/** Checks a key that the application gives. */
export const keyCheck: Check<string> = {
  expected: `a string of 1 to ${MAX_LENGTH} characters without control characters`,
  read: (value) => (typeof value === 'string' && value.length <= MAX_LENGTH && KEY.test(value) ? value : undefined),
};
/** Checks a key, or a function that makes it. */
export const ownKeyCheck: Check<string | ((data: unknown) => unknown)> = {
  expected: `${keyCheck.expected}, or a function that makes it of the data`,
  read: (value) => (typeof value === 'function' ? (value as (data: unknown) => unknown) : keyCheck.read(value)),
};
const untilCheck = oneOf('end', 'start');
const forCheck = duration(0.001);
const UNIQUE_OPTIONS = ['key', 'until', 'for'] as const satisfies readonly (keyof UniqueOptions)[];
const PLAIN: CheckedUnique = Object.freeze({});

/**
 * Reads the option `unique`; `undefined` if it is not given.
 *
 * @param isPush true for the options of a push, which take no function
 * @throws InvalidOptionError
 */
export function readUnique(options: OptionReader, isPush = false): CheckedUnique | undefined {
  const value = options.raw('unique');
  if (value === undefined) return undefined;
  if (value === true) return PLAIN;
  options.get('unique', objectCheck);
  const given = options.below('unique');
  given.refuseOthers(UNIQUE_OPTIONS);
  return {
    key: given.get('key', isPush ? keyCheck : ownKeyCheck),
    until: given.get('until', untilCheck),
    for: given.get('for', forCheck),
  };
}

const objectCheck: Check<object> = {
  expected: 'true, or an object with key, until or for',
  read: (value) => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined),
};

import { InvalidOptionError } from '../queue.errors.js';
import { duration, integer, number, type Check } from '../support/checks.js';
import type { OptionReader } from '../support/option-reader.js';
import { backoffCheck, ownBackoffCheck } from './backoff.js';
import type { OwnAttemptOptions } from './job-options.js';
import type { RecordOptions } from './job-record.js';

const tries = integer(1, 1_000_000);
/** Checks how many attempts a job gets; see {@link assertEnds}. */
export const maxTriesCheck: Check<number> = {
  expected: `${tries.expected}, or Infinity beside "retryFor"`,
  read: (value) => (value === Number.POSITIVE_INFINITY ? value : tries.read(value)),
};

/**
 * Checks that a job does not try for ever.
 *
 * @param retryFor of the place that gives the number of tries, or of one that comes behind it
 * @param option the name of the number in messages
 * @throws InvalidOptionError if there is no end
 */
export function assertEnds(maxTries: number | undefined, retryFor: number | undefined, option: string): void {
  if (maxTries === Number.POSITIVE_INFINITY && retryFor === undefined)
    throw new InvalidOptionError(option, maxTriesCheck.expected, maxTries);
}

/** Checks how many workers a job may cost. */
const maxCrashesCheck = integer(1, 1_000_000);

/** Checks how often a job may be released. */
const maxReleasesCheck = integer(0, 1_000_000);

/** Checks a duration; read as seconds. */
export const durationCheck = duration();

const DAY = 86_400;
/** Checks a pause or a timeout of a job; read as seconds. */
export const attemptDurationCheck = duration(0, Number.POSITIVE_INFINITY, DAY);

const keptFor = duration(1);
/** Checks whether, or for how many seconds, the result of a job is kept. */
export const keepResultCheck: Check<true | number> = {
  expected: `true, or ${keptFor.expected}`,
  read: (value) => (value === true ? value : keptFor.read(value)),
};

/** Numbers are seconds, and 30 days of them are the most: a larger one is meant in milliseconds. */
const spanCheck = duration(0.001, Number.POSITIVE_INFINITY, 30 * DAY);
/** Checks within how many seconds a job has to start. */
export const expiresInCheck = spanCheck;
/** Checks for how many seconds a job is retried. */
export const retryForCheck = spanCheck;

/** Checks how far pauses are spread, as a share of the pause. */
const jitterCheck = number(0, 1);

/** The names of the options that {@link readAttemptOptions} reads. */
export const ATTEMPT_OPTIONS = [
  'maxTries',
  'backoff',
  'retryDelay',
  'maxRetryDelay',
  'retryJitter',
  'timeout',
  'maxCrashes',
  'maxReleases',
] as const;

/**
 * Reads the options of attempts: those that pushes, classes and the module have in common.
 *
 * @throws InvalidOptionError
 */
export function readAttemptOptions(options: OptionReader): RecordOptions {
  return { backoff: options.get('backoff', backoffCheck), ...readCommonOptions(options) };
}

/**
 * Reads the options of attempts of a job class or of a definition, which may have functions.
 *
 * @throws InvalidOptionError
 */
export function readOwnAttemptOptions(options: OptionReader): OwnAttemptOptions {
  return { backoff: options.get('backoff', ownBackoffCheck), ...readCommonOptions(options) };
}

function readCommonOptions(options: OptionReader): Omit<RecordOptions, 'backoff'> {
  return {
    maxTries: options.get('maxTries', maxTriesCheck),
    retryDelay: options.get('retryDelay', attemptDurationCheck),
    maxRetryDelay: options.get('maxRetryDelay', durationCheck),
    retryJitter: options.get('retryJitter', jitterCheck),
    timeout: options.get('timeout', attemptDurationCheck),
    maxCrashes: options.get('maxCrashes', maxCrashesCheck),
    maxReleases: options.get('maxReleases', maxReleasesCheck),
  };
}

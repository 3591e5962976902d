import { duration, integer } from '../support/checks.js';
import type { OptionReader } from '../support/option-reader.js';
import type { RecordOptions } from './job-record.js';

/** Checks how many attempts a job gets. */
export const maxTriesCheck = integer(1, 1_000_000);

/** Checks a pause or a timeout of a job; read as seconds. */
export const durationCheck = duration();

/** The names of the options that {@link readAttemptOptions} reads. */
export const ATTEMPT_OPTIONS = ['maxTries', 'retryDelay', 'timeout'] as const;

/**
 * Reads the options of attempts: those that pushes, classes and the module have in common.
 *
 * @throws InvalidOptionError
 */
export function readAttemptOptions(options: OptionReader): RecordOptions {
  return {
    maxTries: options.get('maxTries', maxTriesCheck),
    retryDelay: options.get('retryDelay', durationCheck),
    timeout: options.get('timeout', durationCheck),
  };
}

import { integer, duration, type Check } from '../support/checks.js';
import type { OptionReader } from '../support/option-reader.js';
import type { RecordOptions } from './job-record.js';
import { isQueueName, QUEUE_NAME_EXPECTED } from './queue-name.js';

/** How many attempts a job may be given. */
export const maxTriesCheck = integer(1, 1_000_000);

/** The pauses and times of a job; read as seconds. */
export const durationCheck = duration();

/** The name of a queue. */
export const queueNameCheck: Check<string> = {
  expected: QUEUE_NAME_EXPECTED,
  read: (value) => (isQueueName(value) ? value : undefined),
};

/** The names of what {@link readAttemptOptions} reads. */
export const ATTEMPT_OPTIONS = ['maxTries', 'retryDelay', 'timeout'] as const;

/**
 * Reads how attempts are made and repeated: the part that pushes, classes and the module's options have in common.
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

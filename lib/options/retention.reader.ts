import { durationCheck } from '../job/attempt-options.reader.js';
import type { ResolvedRetention } from '../queue.options.js';
import { integer } from '../support/checks.js';
import type { OptionReader } from '../support/option-reader.js';

/** A push of an id whose job has completed reads the whole list of completed jobs. */
const MOST_COMPLETED = 10_000;
const MOST_FAILED = 1_000_000;
const WEEK = 604_800;

const RETENTION_OPTIONS = ['completed', 'failed', 'maxCompleted', 'maxFailed'] as const;

/** The retention of queues that give none. @param statusTtl seconds */
export function defaultRetention(statusTtl: number): ResolvedRetention {
  return { completed: statusTtl, failed: statusTtl === 0 ? 0 : WEEK, maxCompleted: 100, maxFailed: 10_000 };
}

/**
 * Reads the option `retention` of a queue.
 *
 * @param defaults the values of missing options
 * @throws InvalidOptionError
 */
export function readRetention(queue: OptionReader, defaults: ResolvedRetention): ResolvedRetention {
  const given = queue.below('retention');
  given.refuseOthers(RETENTION_OPTIONS);
  return Object.freeze({
    completed: given.get('completed', durationCheck) ?? defaults.completed,
    failed: given.get('failed', durationCheck) ?? defaults.failed,
    maxCompleted: given.get('maxCompleted', integer(0, MOST_COMPLETED)) ?? defaults.maxCompleted,
    maxFailed: given.get('maxFailed', integer(0, MOST_FAILED)) ?? defaults.maxFailed,
  });
}

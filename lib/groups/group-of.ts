import type { CheckedGroup } from '../job/job-options.js';
import { makeKey } from '../job/make-key.js';

/**
 * Returns the group of a job; `undefined` if it has none.
 *
 * @param data the argument of a function for the group
 * @throws InvalidOptionError if the function throws, or returns no group
 */
export function groupOf(jobName: string, group: CheckedGroup | undefined, data: unknown): string | undefined {
  return typeof group === 'function' ? makeKey(jobName, 'group', group, data, true) : group;
}

import type { DebounceKey, JobTraits } from '../drivers/job-traits.interface.js';
import { groupOf } from '../groups/group-of.js';
import type { CheckedUnique } from '../job/unique-options.js';
import { uniqueKeyOf } from '../unique/unique-key.js';
import type { PushedJob } from './pushed-job.interface.js';
import type { PushTarget } from './push-target.js';

/**
 * Returns the traits of a job; `undefined` if it has none. The options of the push beat those of
 * the class or definition.
 *
 * @param data the argument of the functions among the options
 * @param stored the data that is stored
 * @param debounce see `debouncedPush`
 */
export function traitsOf(
  job: PushedJob,
  target: PushTarget,
  data: unknown,
  stored: unknown,
  debounce: DebounceKey | undefined,
): JobTraits | undefined {
  const { name, options } = job;
  const { priority = options.priority } = target;
  // An id that alone makes the job unique takes the place of its key.
  const isUnique = !target.replacesEnded && (target.unique ?? options.unique) !== undefined;
  const group = groupOf(name, target.group ?? options.group, data);
  if (!priority && !isUnique && !debounce && group === undefined) return undefined;
  const unique = isUnique ? uniqueKeyOf(name, mergeUnique(target.unique, options.unique), data, stored) : undefined;
  return { priority: priority || undefined, unique, debounce, group };
}

/** The options of the push beat those of the class or definition, one by one. */
function mergeUnique(ofPush: CheckedUnique = {}, ofJob: CheckedUnique = {}): CheckedUnique {
  return { key: ofPush.key ?? ofJob.key, until: ofPush.until ?? ofJob.until, for: ofPush.for ?? ofJob.for };
}

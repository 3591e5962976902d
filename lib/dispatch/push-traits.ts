import type { DebounceKey, JobTraits } from '../drivers/job-traits.interface.js';
import { uniqueKeyOf } from '../unique/unique-key.js';
import type { PushedJob } from './pushed-job.interface.js';
import type { PushTarget } from './push-target.js';

/**
 * Returns what the storage has to know of a job beyond its record; `undefined` if that is nothing. The options of the push beat those of
 * the class or definition.
 *
 * @param data what the functions among the options get
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
  if (!priority && !isUnique && !debounce) return undefined;
  const unique = isUnique ? uniqueKeyOf(name, { ...options.unique, ...target.unique }, data, stored) : undefined;
  return { ...(priority && { priority }), ...(unique && { unique }), ...(debounce && { debounce }) };
}

import type { JobTraits } from '../drivers/job-traits.interface.js';
import type { PushedJob } from './pushed-job.interface.js';
import type { PushTarget } from './push-target.js';

/**
 * Returns what the storage has to know of a job beyond its record; `undefined` if that is nothing. The options of the push beat those of
 * the class or definition.
 */
export function traitsOf({ options }: PushedJob, target: PushTarget): JobTraits | undefined {
  const { priority = options.priority } = target;
  return priority ? { priority } : undefined;
}

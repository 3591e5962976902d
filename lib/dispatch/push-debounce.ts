import { debounceKeyOf } from '../debounce/debounce-key.js';
import type { DebounceKey } from '../drivers/job-traits.interface.js';
import type { Merge } from '../job/debounce-options.js';
import { InvalidOptionError } from '../queue.errors.js';
import type { PushedJob } from './pushed-job.interface.js';
import type { PushTarget } from './push-target.js';

/** How a push is put together with others. */
export interface DebouncedPush {
  readonly key: DebounceKey;
  /** Seconds. */
  readonly wait: number;
  readonly merge?: Merge;
}

/**
 * Returns how a push is put together with others. The options of the push beat those of the class or definition.
 *
 * @param data the argument of the functions among the options
 * @throws InvalidOptionError beside options that say when the job runs, or which job it is
 */
export function debouncedPush({ name, options }: PushedJob, target: PushTarget, data: unknown): DebouncedPush {
  const { undebounced } = target;
  if (undebounced !== undefined) {
    throw new InvalidOptionError(undebounced, `none beside "debounce" (of job ${name})`, target[undebounced] ?? true);
  }
  if (options.unique) {
    throw new InvalidOptionError('debounce', `none, as job ${name} is unique`, target.debounce);
  }
  const given = { ...options.debounce, ...target.debounce };
  return { ...debounceKeyOf(name, given, data), ...(given.merge && { merge: given.merge }) };
}

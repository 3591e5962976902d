import type { DebounceKey } from '../drivers/job-traits.interface.js';
import type { CheckedDebounce } from '../job/debounce-options.js';
import { makeKey } from '../job/make-key.js';
import { InvalidOptionError } from '../queue.errors.js';

/**
 * Returns the key of a debounced job, within its queue, and how long it waits in seconds.
 *
 * @param data the argument of a function for the key
 * @throws InvalidOptionError if there is no key or no time, or if the function throws or returns no key
 */
export function debounceKeyOf(
  jobName: string,
  { key, wait, maxWait }: CheckedDebounce,
  data: unknown,
): { readonly key: DebounceKey; readonly wait: number } {
  if (key === undefined) throw new InvalidOptionError('debounce.key', `a key, as job ${jobName} has none`, key);
  if (wait === undefined) throw new InvalidOptionError('debounce.wait', `a duration, as job ${jobName} has none`, wait);
  const own = typeof key === 'function' ? makeKey(jobName, 'debounce.key', key, data) : key;
  return { key: { key: `${jobName}\t${own}`, ...(maxWait !== undefined && { maxWait }) }, wait };
}

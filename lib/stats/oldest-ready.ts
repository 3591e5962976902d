import type { QueueLook } from '../drivers/queue-stats.interface.js';
import { delayInHeader } from '../job/job-record.js';

/**
 * Returns for how long the oldest ready job has been ready, in milliseconds; `undefined` if no job is ready.
 *
 * Jobs become ready one behind the other, so the first ones are the oldest ones. Nobody knows since when a job that waited for its
 * next attempt has been ready: the other jobs tell, or, if there are none, the time of its push.
 */
export function ageOfOldest({ now, ready }: QueueLook): number | undefined {
  const ages = ready.map(({ pushedAt, header, waitsSince }) =>
    Math.max(now - (waitsSince ?? pushedAt + delayInHeader(header) * 1000), 0),
  );
  const known = ages.filter((_, index) => !ready[index]!.isRetried);
  if (known.length > 0) return Math.max(...known);
  return ages.length > 0 ? Math.min(...ages) : undefined;
}

import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import type { JobState } from '../job/job-status.js';
import { failedJobs } from './failed-jobs.js';

const WAITING = ['queued', 'delayed', 'retrying'] as const satisfies readonly JobState[];
const COMPLETED = ['completed', 'cancelled'] as const satisfies readonly JobState[];
/** The jobs to look at in one go. */
const PAGE = 100;

/**
 * Removes the jobs of a queue that are in some states, by slices: the storage looks at the state again when it removes a job. Jobs
 * that are pushed or that fail after it has begun may stay.
 *
 * @returns how many were removed
 */
export async function clearStates(driver: QueueDriver, queue: string, states: readonly JobState[]): Promise<number> {
  const among = (some: readonly JobState[]): JobState[] => some.filter((state) => states.includes(state));
  let count = await clearWaiting(driver, queue, among(WAITING));
  if (states.includes('failed')) {
    for await (const ids of failedJobs(driver, queue, {})) count += await driver.mending.remove(queue, ids, ['failed']);
  }
  const completed = among(COMPLETED);
  if (completed.length > 0) {
    count += await driver.mending.remove(queue, await driver.mending.completed(queue), completed);
  }
  return count;
}

async function clearWaiting(driver: QueueDriver, queue: string, states: readonly JobState[]): Promise<number> {
  if (states.length === 0) return 0;
  // A storage drops all of them at a fraction of the cost.
  if (states.length === WAITING.length) return driver.clear(queue);
  let [count, pushedBy, cursor]: [number, number?, string?] = [0];
  do {
    const page = await driver.cancellations.live(queue, { limit: PAGE, headers: false, pushedBy, cursor });
    ({ pushedBy, cursor } = page);
    const ids = page.jobs.map(({ id }) => id);
    count += await driver.mending.remove(queue, ids, states);
  } while (cursor !== undefined);
  return count;
}

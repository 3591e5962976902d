import type { QueueAdmin } from '../admin/queue-admin.js';
import type { QueueLimits } from '../queue.options.js';

/** The most jobs of a page. */
const MOST = 500;

/** Changes some limits of a queue, and leaves the others. The last one that an operator takes back brings back those of the options. */
export async function changeLimits(admin: QueueAdmin, queue: string, change: QueueLimits): Promise<void> {
  const { limits, limitsSet } = await admin.queue(queue);
  const all = Object.entries({ ...limits, ...change }).filter(([, value]) => value !== undefined);
  const isOver = all.length === 0 && limitsSet;
  await admin.setLimits(queue, isOver ? null : Object.fromEntries(all));
}

/** Makes the jobs of a queue ready that are delayed now, or wait for their next attempt. */
export async function promoteAll(admin: QueueAdmin, queue: string): Promise<void> {
  for (let cursor: string | undefined; ;) {
    const options = { order: 'newest' as const, limit: MOST, ...(cursor !== undefined && { cursor }) };
    const page = await admin.jobs(queue, ['delayed', 'retrying'], options);
    await Promise.all(page.jobs.filter(({ availableAt }) => availableAt).map(({ id }) => admin.promote(id)));
    cursor = page.cursor;
    if (cursor === undefined) return;
  }
}

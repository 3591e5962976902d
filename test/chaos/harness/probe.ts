import { eventually } from '../../support/eventually.js';
import { QuickJob } from '../process/jobs.js';
import type { Chaos } from './chaos.js';
import type { Producer } from './producer.js';

/** Pushes a job, and resolves when it has completed, with the milliseconds since `since`. Default: since the call. */
export async function untilServed(
  chaos: Chaos,
  since = Date.now(),
  producer: Producer = chaos.producer,
): Promise<number> {
  const id = await eventually(() => producer.push(QuickJob, 0), { timeout: 30_000 });
  const served = async (): Promise<boolean> => (await producer.queue.getJobStatus(id))?.status === 'completed';
  await eventually(served, { timeout: 60_000, interval: 20 });
  return Date.now() - since;
}

import type { QueueConsumer } from '../../lib/drivers/queue-driver.interface.js';
import { MOVED_BACK } from './subject.interface.js';

/** Lets the first jobs of the other queue fail. @returns their ids */
export async function failSome(consumer: QueueConsumer): Promise<string[]> {
  const { jobs } = await consumer.poll({ settlements: [], limit: MOVED_BACK, recovered: false });
  const settlements = jobs.map(({ id, fence }) => ({ kind: 'fail', id, fence, error: 'no' }) as const);
  await consumer.poll({ settlements, limit: 0, recovered: false });
  return jobs.map(({ id }) => id);
}

import { expect } from '@jest/globals';
import type { QueueDriver } from '../../../../lib/drivers/queue-driver.interface.js';
import { claimOne, complete, settle } from '../../../contract/scene.js';

const LEASE = 30;

/** The whole way of a job: push, poll, complete, and what is known of it at each point. */
export async function expectJourney(driver: QueueDriver, queue = 'mail', id = `job-of-${queue}`): Promise<void> {
  await driver.ping();
  await driver.push(queue, [{ id, body: `body of ${id}`, delay: 0 }], false);
  expect(await driver.getStatus(id)).toMatchObject({ state: 'queued', queue });
  const consumer = driver.consume(queue, { lease: LEASE, onLost: () => undefined });
  const job = await claimOne(consumer);
  expect(job).toMatchObject({ id, body: `body of ${id}`, attempt: 1 });
  expect(await driver.getStatus(id)).toMatchObject({ state: 'processing', queue });
  expect((await settle(consumer, complete(job))).refused).toEqual([]);
  expect(await driver.getStatus(id)).toMatchObject({ state: 'completed', queue, attempt: 1 });
  await consumer.close();
}

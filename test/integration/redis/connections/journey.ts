import { expect } from '@jest/globals';
import type { QueueDriver } from '../../../../lib/drivers/queue-driver.interface.js';
import type { JobTraits } from '../../../../lib/drivers/job-traits.interface.js';
import type { NewJob } from '../../../../lib/drivers/queue-driver.interface.js';
import { claim, claimOne, complete, drain, idsOf, release, settle } from '../../../contract/scene.js';

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

/** The ways of jobs that wait for each other: by priority, by unique and debounced keys, by limits, and by a hold. */
export async function expectOrder(driver: QueueDriver, queue = 'mail'): Promise<void> {
  const job = (id: string, traits: JobTraits, delay = 0): NewJob => ({
    id: `${id}-of-${queue}`,
    body: `body of ${id}`,
    delay,
    isGenerated: true,
    traits,
  });
  const push = (...jobs: NewJob[]) => driver.push(queue, jobs, true);
  const consumer = driver.consume(queue, { lease: LEASE, onLost: () => undefined });
  const named = (...ids: string[]): string[] => ids.map((id) => `${id}-of-${queue}`);

  await push(job('low', { priority: -1 }), job('plain', {}), job('high', { priority: 1 }));
  expect(idsOf(await drain(consumer, 1))).toEqual(named('high', 'plain', 'low'));

  const unique = { unique: { key: 'a', until: 'end' } } as const;
  expect(await push(job('one', unique))).toBeUndefined();
  expect(await push(job('two', unique))).toEqual([{ index: 0, outcome: 'duplicate', id: named('one')[0] }]);
  await drain(consumer);
  expect(await push(job('three', unique))).toBeUndefined();
  await drain(consumer);

  const debounce = { debounce: { key: 'b' } };
  expect(await push(job('first', debounce, 60))).toBeUndefined();
  expect(await push(job('second', debounce, 0))).toEqual([{ index: 0, outcome: 'replaced', id: named('first')[0] }]);
  const [debounced] = await claim(consumer);
  expect(debounced).toMatchObject({ id: named('first')[0], body: 'body of second' });
  await settle(consumer, complete(debounced!));

  await push(job('x', {}), job('y', {}), job('z', {}));
  await driver.limits.set(queue, { concurrency: 1, rateLimit: { max: 100, per: 60 } });
  const [limited, ...others] = await claim(consumer);
  expect(others).toEqual([]);
  expect(await claim(consumer)).toEqual([]);
  await driver.limits.set(queue, null);

  expect(await settle(consumer, release(limited!, { delay: 60, hold: 'queue' }))).toMatchObject({ held: true });
  expect(await claim(consumer)).toEqual([]);
  expect(await driver.limits.endHold(queue)).toBe(true);
  expect(idsOf(await drain(consumer))).toEqual(named('y', 'z'));
  expect(await driver.clear(queue)).toBe(1);
  await consumer.close();
}

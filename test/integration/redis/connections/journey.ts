import { expect } from '@jest/globals';
import type { QueueDriver } from '../../../../lib/drivers/queue-driver.interface.js';
import type { JobTraits } from '../../../../lib/drivers/job-traits.interface.js';
import type { NewJob } from '../../../../lib/drivers/queue-driver.interface.js';
import { claim, claimOne, complete, drain, idsOf, release, retry, settle } from '../../../contract/scene.js';

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

/** Pushes jobs of groups: `a-1` is in the group `a`. The name of the queue is a part of their ids. */
async function pushGroups(driver: QueueDriver, queue: string, ids: string): Promise<void> {
  const jobs = ids.split(' ').map((id): NewJob => {
    const traits = { group: id.slice(0, id.indexOf('-')) };
    return { id: `${id}-of-${queue}`, body: `body of ${id}`, delay: 0, isGenerated: true, traits };
  });
  await driver.push(queue, jobs, true);
}

/**
 * The ways of jobs with groups: one of each runs, one waits for its retry, and one holds its group back. Returns what is still so after a
 * while, whatever becomes of the server; call it once.
 */
export async function beginGroups(driver: QueueDriver, queue = 'mail'): Promise<() => Promise<void>> {
  const named = (ids: string): string[] => ids.split(' ').map((id) => `${id}-of-${queue}`);
  const consumer = driver.consume(queue, { lease: LEASE, onLost: () => undefined });
  const ordered = { groups: { concurrency: 1, ordered: true, rateLimit: { max: 100, per: 60 } } } as const;
  await driver.limits.set(queue, ordered);
  await pushGroups(driver, queue, 'a-1 a-2 b-1 b-2 c-1 c-2');
  const [a, b, c, ...others] = await claim(consumer);
  expect(idsOf([a!, b!, c!, ...others])).toEqual(named('a-1 b-1 c-1'));
  const held = release(b!, { delay: 600, hold: 'group' });
  expect(await settle(consumer, retry(a!, { delay: 600 }), held)).toMatchObject({ more: false, blocked: true });
  return async () => {
    expect(await driver.limits.read(queue)).toMatchObject({ limits: ordered, isSet: true });
    expect(await claim(consumer)).toEqual([]);
    expect(await driver.counts(queue)).toMatchObject({ ready: 0, blocked: 3, delayed: 2, reserved: 1 });
    await settle(consumer, complete(c!));
    expect(idsOf(await drain(consumer))).toEqual(named('c-2'));
    expect(await driver.mending.promote(queue, named('a-1')[0]!)).toBe(true);
    expect(idsOf(await drain(consumer))).toEqual(named('a-1 a-2'));
    expect(await driver.limits.endHold(queue)).toBe(true);
    // The order of its group waits for the released job.
    expect(await claim(consumer)).toEqual([]);
    expect(await driver.mending.promote(queue, named('b-1')[0]!)).toBe(true);
    expect(idsOf(await drain(consumer))).toEqual(named('b-1 b-2'));
    expect(await driver.counts(queue)).toMatchObject({ ready: 0, blocked: 0, delayed: 0, reserved: 0 });
    await driver.limits.set(queue, null);
    await consumer.close();
  };
}

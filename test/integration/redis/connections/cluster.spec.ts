import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createJobId } from '../../../../lib/job/job-id.js';
import { AuthenticationError, QueueConnectionError } from '../../../../lib/queue.errors.js';
import { claim, complete, drain, fail, settle } from '../../../contract/scene.js';
import { eventually } from '../../../support/eventually.js';
import { rawCommand, rawStrings } from '../../../support/raw-redis.js';
import { startRedisCluster, type TestRedisCluster } from '../../../support/redis-cluster.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { beginGroups, expectJourney, expectOrder } from './journey.js';

/** Each in a slot of another master: 15,495, 4,247 and 9,450. */
const QUEUES = ['a', 'mail', 'images'];

describe('a cluster of three masters', () => {
  const drivers = new RedisDrivers();
  let cluster: TestRedisCluster;

  beforeAll(async () => {
    cluster = await startRedisCluster();
  }, 120_000);
  beforeEach(async () => {
    for (const { port } of cluster.nodes) await rawCommand(port, 'FLUSHALL');
  });
  afterAll(() => cluster.stop());

  const redis = () => ({ cluster: [...cluster.startupNodes] });
  const keysOf = async (): Promise<string[][]> =>
    Promise.all(cluster.nodes.map(async ({ port }) => (await rawStrings(port, 'KEYS', '*')).sort()));

  it('holds queues in different slots', async () => {
    const driver = await drivers.connect({ redis: redis() });
    for (const queue of QUEUES) await expectJourney(driver, queue);
    const keys = await keysOf();
    for (const node of keys) expect(node.some((key) => key.startsWith('job:status:{'))).toBe(true);
    expect(await driver.queues()).toEqual(QUEUES.toSorted());
  });

  it('knows in each slot what jobs wait for: priorities, keys, limits, a hold', async () => {
    const driver = await drivers.connect({ redis: redis() });
    for (const queue of QUEUES) await expectOrder(driver, queue);
  });

  it('knows in each slot what groups are limited, ordered, and held back', async () => {
    const driver = await drivers.connect({ redis: redis() });
    const ends = [];
    for (const queue of QUEUES) ends.push(await beginGroups(driver, queue));
    for (const end of ends) await end();
    const left = (await keysOf())
      .flat()
      .filter((key) => /^queue:\{\w+\}:(groups|ring|gates|holds|g:|gone:g:)/.test(key));
    expect(left).toEqual([]);
  });

  it('runs chains whose jobs are in different slots', async () => {
    const driver = await drivers.connect({ redis: redis() });
    const refs = Array.from({ length: 20 }, (_, index) => `c${index}`);
    for (const ref of refs) {
      const nodes = QUEUES.map((queue) => ({ id: `${ref}.${queue}`, queue, body: 'hJob\n', delay: 0 }));
      await driver.flows.create({ ref, createdAt: 1, retention: 60, nodes });
    }
    for (const queue of QUEUES) {
      const consumer = driver.consume(queue, { lease: 30, onLost: () => undefined });
      const jobs = await drain(consumer);
      expect(jobs.map(({ id }) => id).toSorted()).toEqual(refs.map((ref) => `${ref}.${queue}`).toSorted());
      await driver.flows.settled();
    }
    const states = await Promise.all(refs.map((ref) => driver.flows.read(ref)));
    for (const state of states) expect(state).toMatchObject({ completed: 3, finishedAt: expect.any(Number) });
    const left = (await keysOf()).flat().filter((key) => key.endsWith(':outbox'));
    expect(left).toEqual([]);
  });

  it('keeps schedules in one slot, and pushes their jobs into those of their queues', async () => {
    const driver = await drivers.connect({ redis: redis() });
    const { schedules } = driver;
    const declared = { application: 'shop', process: 'p1', names: ['a'] };
    expect(await schedules.join(declared, 30_000)).toMatchObject({ isKnown: true });
    await schedules.change({ name: 'a', expected: null, to: { state: '1', text: 'a', next: 1, application: 'shop' } });
    expect(await schedules.take(10)).toMatchObject({ due: [{ name: 'a', state: '1', text: 'a' }] });
    const jobs = QUEUES.map((queue) => ({ id: `of-${queue}`, queue, body: 'hJob\n', delay: 0 }));
    expect(await schedules.change({ name: 'a', expected: '1', to: { state: '2', application: 'shop' }, jobs })).toBe(
      true,
    );
    for (const queue of QUEUES) {
      expect(await schedules.lives(`of-${queue}`)).toBe(true);
      const claimed = await drain(driver.consume(queue, { lease: 30, onLost: () => undefined }));
      expect(claimed.map(({ id }) => id)).toEqual([`of-${queue}`]);
    }
    expect(await schedules.take(10)).toMatchObject({ due: [] });
    expect(await schedules.sign('shop', 'p1', 30_000)).toBe(true);
    await schedules.join({ ...declared, process: 'p2', names: [] }, 30_000);
    await schedules.leave('shop', 'p1');
    expect(await schedules.readAll()).toEqual([]);
  });

  it('puts the name of a queue in braces in its keys, so that they are in one slot', async () => {
    const driver = await drivers.connect({ redis: redis() });
    await driver.push(
      'mail',
      [
        { id: 'x', body: 'x', delay: 0 },
        { id: 'y', body: 'y', delay: 60 },
      ],
      true,
    );
    const consumer = driver.consume('mail', { lease: 30, onLost: () => undefined });
    await claim(consumer, 1);
    await driver.push('mail', [{ id: 'z', body: 'z', delay: 0 }], false);
    const all = (await keysOf()).flat();
    expect(all).toEqual(
      expect.arrayContaining([
        'queue:{mail}',
        'queue:{mail}:delayed',
        'queue:{mail}:jobs',
        'job:status:{mail}:x',
        'queues',
      ]),
    );
    const others = all.filter((key) => !key.includes('{mail}'));
    expect(others).toEqual(['queues']);
  });

  it('has a prefix in front of each key, and each queue in its slot all the same', async () => {
    const driver = await drivers.connect({ redis: redis(), prefix: 'shop:' });
    for (const queue of QUEUES) await expectJourney(driver, queue);
    await driver.push('mail', [{ id: 'order', body: '', delay: 60, name: 'Order' }], true);
    expect(await driver.queues()).toEqual(QUEUES.toSorted());
    const other = await drivers.connect({ redis: redis() });
    expect(await other.queues()).toEqual([]);
    const all = (await keysOf()).flat();
    expect(all.filter((key) => !key.startsWith('shop:'))).toEqual([]);
    expect(all).toEqual(expect.arrayContaining(['shop:queue:{mail}:~ids', 'shop:job:status:{mail}:order']));
  });

  it('answers for every queue: statuses, counts, clear', async () => {
    const driver = await drivers.connect({ redis: redis() });
    for (const queue of QUEUES) {
      const ids = ['done', 'failed', 'ready', 'late'].map((name) => `${queue}-${name}`);
      await driver.push(
        queue,
        ids.map((id) => ({ id, body: id, delay: id.endsWith('late') ? 60 : 0 })),
        false,
      );
      const consumer = driver.consume(queue, { lease: 30, onLost: () => undefined });
      const [done, failed] = await claim(consumer, 2);
      await settle(consumer, complete(done!), fail(failed!));
      await driver.setStatus(`${queue}-ready`, 'cancelled');
    }
    await driver.setStatus('of-no-queue', 'completed');
    for (const queue of QUEUES) {
      expect(await driver.getStatus(`${queue}-done`)).toMatchObject({ state: 'completed', queue });
      expect(await driver.getStatus(`${queue}-failed`)).toMatchObject({ state: 'failed', queue, error: 'no luck' });
      expect(await driver.getStatus(`${queue}-ready`)).toMatchObject({ state: 'cancelled', queue });
      expect(await driver.getStatus(`${queue}-late`)).toMatchObject({ state: 'delayed', queue });
      expect(await driver.counts(queue)).toEqual({ ready: 1, blocked: 0, delayed: 1, reserved: 0, failed: 1 });
    }
    expect(await driver.getStatus('of-no-queue')).toMatchObject({ state: 'completed', queue: '' });
    expect(await driver.clear('mail')).toBe(2);
    expect(await driver.counts('mail')).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 1 });
    expect(await driver.counts('images')).toMatchObject({ ready: 1, delayed: 1 });
  });

  it('asks only the queue of a job whose id was generated', async () => {
    const driver = await drivers.connect({ redis: redis() });
    for (const queue of QUEUES) await driver.push(queue, [{ id: `first-of-${queue}`, body: '', delay: 0 }], false);
    const id = createJobId(Date.now(), 'mail');
    await driver.push('mail', [{ id, body: '', delay: 0 }], false);
    expect(await driver.getStatus(id)).toMatchObject({ state: 'queued', queue: 'mail' });
    for (const { port } of cluster.nodes) await rawCommand(port, 'CONFIG', 'RESETSTAT');
    expect(await driver.getStatus(id)).toMatchObject({ state: 'queued', queue: 'mail' });
    const stats = await Promise.all(cluster.nodes.map(({ port }) => rawCommand(port, 'INFO', 'commandstats')));
    const calls = stats.join('').match(/cmdstat_(?:evalsha|smembers):calls=\d+/g);
    expect(calls).toEqual(['cmdstat_evalsha:calls=1']);
  });

  it('wakes a listener of several queues, whichever queue gets a job', async () => {
    const driver = await drivers.connect({ redis: redis() });
    const listener = driver.listen(QUEUES);
    for (const queue of [...QUEUES, ...QUEUES]) {
      const waiting = listener.wait(60_000);
      await driver.push(queue, [{ id: `${queue}-1`, body: '', delay: 0 }], false);
      expect(await waiting).toBe(queue);
    }
  });

  it('gets the time of the last job for monitoring', async () => {
    const driver = await drivers.connect({ redis: redis() });
    await expectJourney(driver, 'mail');
    await eventually(async () => expect((await keysOf()).flat()).toContain('worker:last_processed'));
  });

  it('is named by its startup nodes in the error if it cannot be reached', async () => {
    const driver = drivers.create({ redis: { cluster: [{ host: '127.0.0.1', port: 1 }], connectDeadline: 0.5 } });
    const failure = driver.connect();
    await expect(failure).rejects.toBeInstanceOf(QueueConnectionError);
    await expect(failure).rejects.toThrow('The Redis Cluster at 127.0.0.1:1 cannot be reached within 0.5 s');
  });

  it('rejects the boot at once if the password is wrong', async () => {
    for (const { port } of cluster.nodes)
      await rawCommand(port, 'ACL', 'SETUSER', 'ada', 'on', '>right', '~*', '+@all');
    const driver = drivers.create({ redis: { ...redis(), username: 'ada', password: 'wrong' } });
    await expect(driver.connect()).rejects.toBeInstanceOf(AuthenticationError);
    const right = await drivers.connect({ redis: { ...redis(), username: 'ada', password: 'right' } });
    await expectJourney(right);
  });
});

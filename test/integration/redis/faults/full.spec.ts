import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { StorageFullError } from '../../../../lib/queue.errors.js';
import { claim, complete, fail, idsOf, numbered, release, retry, settle } from '../../../contract/scene.js';
import { eventually } from '../../../support/eventually.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { startRedis } from '../../../support/redis-server.js';

/** The server is at its `maxmemory`, and evicts nothing. */
describe('a full server', () => {
  const drivers = new RedisDrivers();
  let admin: Redis;
  let driver: RedisDriver;
  const push = (ids: readonly string[], options: { unique?: boolean; delay?: number; queue?: string } = {}) => {
    const { unique = false, delay = 0, queue = 'mail' } = options;
    return driver.push(
      queue,
      ids.map((id) => ({ id, body: `body of ${id}`, delay })),
      unique,
    );
  };
  const fill = () => admin.config('SET', 'maxmemory', '1');

  beforeEach(async () => {
    const server = drivers.keep(await startRedis({ config: ['--maxmemory-policy', 'noeviction'] }));
    admin = drivers.client(server.url);
    driver = await drivers.connect({ redis: { host: server.host, port: server.port } });
    await push(numbered(20));
  });

  it.each([
    ['with an id that was made', { unique: false }],
    ['with an id of the application', { unique: true }],
    ['with a delay', { delay: 5 }],
    ['to a queue that this process never pushed to', { queue: 'other' }],
  ])('refuses a push %s, at once and wholly', async (_, options) => {
    const before = (await admin.keys('*')).toSorted();
    await fill();
    await expect(push(['a', 'b'], options)).rejects.toBeInstanceOf(StorageFullError);
    expect((await admin.keys('*')).toSorted()).toEqual(before);
    expect(await driver.counts('mail')).toMatchObject({ ready: 20, delayed: 0 });
    await admin.config('SET', 'maxmemory', '0');
    await push(['a', 'b'], options);
    expect(await driver.getStatus('a')).not.toBeNull();
  });

  it('lets claims and settlements go on, with their statuses', async () => {
    const consumer = driver.consume('mail', { lease: 30, onLost: () => undefined });
    await fill();
    const jobs = await claim(consumer, 10);
    expect(idsOf(jobs)).toEqual(numbered(10));
    const ways = [complete, fail, retry, release];
    const { refused } = await settle(consumer, ...jobs.map((job, index) => ways[index % 4]!(job)));
    expect(refused).toEqual([]);
    expect(await driver.getStatus('job-000000')).toMatchObject({ state: 'completed' });
    expect(await driver.getStatus('job-000001')).toMatchObject({ state: 'failed' });
    expect(await driver.counts('mail')).toEqual({ ready: 14, blocked: 0, delayed: 0, reserved: 0, failed: 3 });
  });

  it('lets the data of a waiting job be replaced by data that is not longer', async () => {
    await driver.push('mail', [{ id: 'a', body: 'hMail\n"text"', delay: 5 }], false);
    await fill();
    const replace = (data: string) => driver.mending.replace('mail', 'a', 'hMail', `hMail\n${data}`);
    expect(await replace('"TEXT"')).toBe(true);
    expect(await replace('12')).toBe(true);
    await expect(replace('"TEXT"')).rejects.toBeInstanceOf(StorageFullError);
    expect(await driver.mending.readWaiting('mail', 'a')).toBe('hMail\n12');
    await admin.config('SET', 'maxmemory', '0');
    expect(await replace('"TEXT"')).toBe(true);
    expect(await driver.mending.replace('mail', 'nobody', 'hMail', 'hMail\n1')).toBe(false);
  });

  it('lets heartbeats go on', async () => {
    const consumer = driver.consume('mail', { lease: 1, onLost: () => undefined });
    const [job] = await claim(consumer, 1);
    await fill();
    const expiry = async (): Promise<number> =>
      Number((await admin.zrange('queue:mail:consumers', '0', '0', 'WITHSCORES'))[1]);
    const before = await expiry();
    await eventually(async () => expect(await expiry()).toBeGreaterThan(before));
    expect((await settle(consumer, complete(job!))).refused).toEqual([]);
  });

  it('lets the time of the last job be written', async () => {
    const consumer = driver.consume('mail', { lease: 30, onLost: () => undefined });
    const [job] = await claim(consumer, 1);
    await fill();
    await settle(consumer, complete(job!));
    await driver.ping();
    expect(await admin.get('worker:last_processed')).toMatch(/^\d{10}$/);
  });

  it('lets wake-ups be passed on, and listeners wait on', async () => {
    const listener = driver.listen(['mail']);
    expect(await listener.wait(60_000)).toBe('mail');
    await fill();
    const waiting = listener.wait(60_000);
    listener.pass('mail');
    expect(await waiting).toBe('mail');
  });

  it('lets a status be written', async () => {
    await fill();
    await driver.setStatus('job-000003', 'cancelled', 'not wanted any more');
    expect(await driver.getStatus('job-000003')).toMatchObject({ state: 'cancelled', error: 'not wanted any more' });
    await driver.setStatus('of somebody else', 'failed');
    expect(await driver.getStatus('of somebody else')).toMatchObject({ state: 'failed' });
  });

  it('lets a queue be cleared and counted', async () => {
    await fill();
    expect(await driver.getStatus('job-000003')).toMatchObject({ state: 'queued' });
    expect(await driver.clear('mail')).toBe(20);
    expect(await driver.queues()).toEqual(['mail']);
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import { StorageFullError, UnknownOutcomeError } from '../../../lib/queue.errors.js';
import { eventually } from '../../support/eventually.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import { startRedis } from '../../support/redis-server.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { useRedis } from '../../support/use-redis.js';

const DAY_MS = 86_400_000;

describe('a producer', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let clock: FakeClock;
  let driver: RedisDriver;
  const push = (id: string, to = driver): Promise<unknown> => to.push('mail', [{ id, body: id, delay: 0 }], false);

  beforeEach(async () => {
    clock = new FakeClock();
    driver = await drivers.connect({ redis: { url: redis.url }, clock });
  });

  it('keeps the markers of its last pushes only, and for a day', async () => {
    for (let i = 0; i < 20; i++) await push(`one-${i}`);
    const [key] = await redis.client.keys('queue:mail:producer:*');
    expect(await redis.client.hlen(key!)).toBe(1);
    await Promise.all(Array.from({ length: 50 }, (_, i) => push(`many-${i}`)));
    expect(await redis.client.hlen(key!)).toBeLessThanOrEqual(51);
    await push('a');
    expect(await redis.client.hlen(key!)).toBe(1);
    const ttl = await redis.client.pttl(key!);
    expect(ttl).toBeGreaterThan(DAY_MS - 5_000);
    expect(ttl).toBeLessThanOrEqual(DAY_MS);
  });

  it('keeps the markers of its last pushes only after refused pushes', async () => {
    const server = drivers.keep(await startRedis());
    const client = drivers.client(server.url);
    const own = await drivers.connect({ redis: { host: server.host, port: server.port } });
    await Promise.all(Array.from({ length: 20 }, (_, i) => push(`job-${i}`, own)));
    await client.config('SET', 'maxmemory', '1');
    for (let i = 0; i < 5; i++) await expect(push(`full-${i}`, own)).rejects.toBeInstanceOf(StorageFullError);
    await client.config('SET', 'maxmemory', '0');
    await push('a', own);
    const [key] = await client.keys('queue:mail:producer:*');
    expect(await client.hlen(key!)).toBe(1);
  });

  it('keeps the markers of pushes beside lost connections for minutes, and not for as long as it pushes', async () => {
    const proxy = drivers.keep(await TcpProxy.start(redis));
    const own = await drivers.connect({ redis: { url: proxy.url }, clock });
    await push('first', own);
    const [key] = await redis.client.keys('queue:mail:producer:*');
    for (let i = 0; i < 5; i++) {
      const lost = proxy.loseReplyTo(`lost-${i}`);
      await push(`lost-${i}`, own);
      await lost;
    }
    await push('later', own);
    await push('later still', own);
    expect(await redis.client.hlen(key!)).toBe(6);
    await clock.advance(15 * 60);
    await push('in time for a late copy', own);
    expect(await redis.client.hlen(key!)).toBe(6);
    await clock.advance(60);
    await push('confirms', own);
    await push('carries the confirmations', own);
    expect(await redis.client.hlen(key!)).toBe(1);
    expect(await redis.client.llen('queue:mail')).toBe(11);
  });

  it('keeps the marker of a push that nobody answered until minutes after a later push', async () => {
    const proxy = drivers.keep(await TcpProxy.start(redis));
    const own = await drivers.connect({ redis: { url: proxy.url, requestDeadline: 1 }, clock });
    await push('first', own);
    const [key] = await redis.client.keys('queue:mail:producer:*');
    proxy.dropReplies();
    const unanswered = push('unanswered', own);
    await eventually(async () => expect(await redis.client.llen('queue:mail')).toBe(2));
    await Promise.all([expect(unanswered).rejects.toBeInstanceOf(UnknownOutcomeError), clock.advance(1)]);
    await proxy.pass();
    await clock.advance(16 * 60);
    proxy.cut();
    // Else the next push may be sent on the lost connection, and nobody answers it either.
    await own.ping();
    await push('later', own);
    await push('later still', own);
    expect(await redis.client.hlen(key!)).toBe(2);
    await clock.advance(16 * 60);
    await push('confirms', own);
    await push('carries the confirmation', own);
    expect(await redis.client.hlen(key!)).toBe(1);
    expect(await redis.client.lrange('queue:mail', 0, 1)).toEqual(['first', 'unanswered']);
  });

  it('writes the name of a queue once, and repeats it at intervals in case it was deleted', async () => {
    await push('a');
    await redis.client.del('queues');
    await push('b');
    expect(await driver.queues()).toEqual([]);
    await clock.advance(60);
    await push('c');
    await eventually(async () => expect(await driver.queues()).toEqual(['mail']));
    await redis.client.del('queues');
    await push('d');
    expect(await driver.queues()).toEqual([]);
  });

  it('pushes jobs even if the name of the queue cannot be written again', async () => {
    await push('a');
    await redis.client.del('queues');
    await redis.client.set('queues', 'foreign');
    await clock.advance(60);
    await push('b');
    await push('c');
    expect(await redis.client.llen('queue:mail')).toBe(3);
    await redis.client.del('queues');
    await push('d');
    await eventually(async () => expect(await driver.queues()).toEqual(['mail']));
  });

  it('rounds a delay up to the millisecond', async () => {
    await driver.push('mail', [{ id: 'a', body: '', delay: 0.0001 }], false);
    expect(await driver.counts('mail')).toMatchObject({ ready: 0, delayed: 1 });
  });
});

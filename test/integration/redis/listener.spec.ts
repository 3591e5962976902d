import { beforeEach, describe, expect, it } from '@jest/globals';
import type { QueueListener } from '../../../lib/drivers/queue-driver.interface.js';
import type { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import { claim, claimOne, complete, IDLE, settle } from '../../contract/scene.js';
import { within } from '../../support/deadline.js';
import { eventually } from '../../support/eventually.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import { useRedis } from '../../support/use-redis.js';

const LONG = 60_000;

describe('a listener', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let driver: RedisDriver;
  const push = (id: string, { queue = 'mail', delay = 0 } = {}): Promise<unknown> =>
    driver.push(queue, [{ id, body: id, delay }], false);
  const consume = (queue = 'mail') => driver.consume(queue, { lease: 30, onLost: () => undefined });
  const untilWaiting = (count: number): Promise<unknown> =>
    eventually(async () => {
      const blocked = /blocked_clients:(\d+)/.exec(await redis.client.info('clients'))![1];
      expect(Number(blocked)).toBe(count);
    });
  /** Listeners of processes of their own, all of them waiting. */
  const listenAll = async (count: number): Promise<{ listeners: QueueListener[]; waits: Promise<string | null>[] }> => {
    const listeners: QueueListener[] = [];
    for (let i = 0; i < count; i++) {
      listeners.push((await drivers.connect({ redis: { url: redis.url } })).listen(['mail', 'other']));
    }
    const waits = listeners.map((listener) => listener.wait(LONG));
    await untilWaiting(count);
    return { listeners, waits };
  };
  const closeAll = async (listeners: QueueListener[], waits: Promise<string | null>[]): Promise<(string | null)[]> => {
    await Promise.all(listeners.map((listener) => listener.close()));
    return Promise.all(waits);
  };

  beforeEach(async () => {
    driver = await drivers.connect({ redis: { url: redis.url } });
  });

  it('is woken alone by a push if several listeners wait', async () => {
    const { listeners, waits } = await listenAll(5);
    await push('a');
    expect(await Promise.race(waits)).toBe('mail');
    await untilWaiting(4);
    const ends = await closeAll(listeners, waits);
    expect(ends.filter((queue) => queue !== null)).toEqual(['mail']);
  });

  it('is woken once by a push of many jobs', async () => {
    const { listeners, waits } = await listenAll(3);
    await driver.push(
      'mail',
      Array.from({ length: 100 }, (_, i) => ({ id: `job-${i}`, body: '', delay: 0 })),
      false,
    );
    await Promise.race(waits);
    await untilWaiting(2);
    // The one that was woken claims some: what it leaves wakes the next.
    await claim(consume(), 50);
    await untilWaiting(1);
    await claim(consume(), 50);
    await untilWaiting(1);
    const ends = await closeAll(listeners, waits);
    expect(ends.filter((queue) => queue !== null)).toEqual(['mail', 'mail']);
  });

  it('is woken for each of several queues, one listener for each queue', async () => {
    const { listeners, waits } = await listenAll(3);
    await push('a');
    await push('b', { queue: 'other' });
    await untilWaiting(1);
    const ends = await closeAll(listeners, waits);
    expect(ends.filter((queue) => queue !== null).toSorted()).toEqual(['mail', 'other']);
  });

  it('is woken by the push of a delayed job, to learn when the job is due', async () => {
    const waiting = driver.listen(['mail']).wait(LONG);
    await push('later', { delay: 100 });
    expect(await waiting).toBe('mail');
    const { nextDue } = await consume().poll({ settlements: [], limit: 1, recovered: false });
    expect(Math.abs(nextDue! - 100_000)).toBeLessThan(2_000);
  });

  it('returns a wake-up that arrives after its wait has ended', async () => {
    const listener = driver.listen(['mail']);
    expect(await listener.wait(20)).toBeNull();
    await untilWaiting(1);
    await push('a');
    // Its wait in Redis took the marker, though nobody waits here: so somebody else is to have it.
    const other = (await drivers.connect({ redis: { url: redis.url } })).listen(['mail']);
    expect(await within(other.wait(LONG), 2_000, 'the other wait')).toBe('mail');
  });

  it('passes on a wake-up that it does not need', async () => {
    const { listeners, waits } = await listenAll(2);
    await push('a');
    const woken = await Promise.race(waits.map(async (wait, index) => wait.then(() => index)));
    listeners[woken]!.pass('mail');
    expect(await Promise.all(waits)).toEqual(['mail', 'mail']);
    listeners[0]!.pass('of-another-queue');
  });

  it('waits no longer than the given time', async () => {
    const listener = driver.listen(['mail']);
    for (const milliseconds of [1, 50, 200]) {
      const startedAt = Date.now();
      expect(await listener.wait(milliseconds)).toBeNull();
      expect(Date.now() - startedAt).toBeLessThan(milliseconds + 150);
    }
    const waiting = listener.wait(LONG);
    await push('a');
    expect(await waiting).toBe('mail');
  });

  it('takes no wake-up from other listeners after it was closed during its wait', async () => {
    for (let round = 0; round < 10; round++) {
      const closing = driver.listen(['mail']);
      const waitingInVain = closing.wait(LONG);
      await untilWaiting(1);
      const other = driver.listen(['mail']);
      const waiting = other.wait(LONG);
      await untilWaiting(2);
      const closed = closing.close();
      await push(`job-${round}`);
      expect(await within(waiting, 2_000, `wait ${round}`)).toBe('mail');
      await closed;
      expect(await waitingInVain).toBeNull();
      await other.close();
      const consumer = consume();
      await settle(consumer, complete(await claimOne(consumer)));
      await consumer.poll(IDLE);
      await untilWaiting(0);
    }
  });

  it('is not woken repeatedly by recovered jobs that its worker may not claim', async () => {
    await redis.client.rpush('queue:mail:recovered', 'one', 'two');
    await redis.client.hset('queue:mail:jobs', { one: '1767225600000x', two: '1767225600000x' });
    const consumer = consume();
    await consumer.poll({ settlements: [], limit: 1, recovered: false });
    const waiting = driver.listen(['mail']).wait(200);
    expect(await waiting).toBeNull();
    // Who takes one tells that there is another.
    await consumer.poll({ settlements: [], limit: 1, recovered: true });
    expect(await driver.listen(['mail']).wait(LONG)).toBe('mail');
  });

  it('sends about one command a second together with its idle worker', async () => {
    const consumer = driver.consume('mail', { lease: 3, onLost: () => undefined });
    await consumer.poll(IDLE);
    const listener = driver.listen(['mail', 'other']);
    await listener.wait(100);
    await redis.client.config('RESETSTAT');
    for (let waited = 0; waited < 3; waited++) expect(await listener.wait(1_000)).toBeNull();
    const stats = await redis.client.info('commandstats');
    const calls = [...stats.matchAll(/cmdstat_(\w+).*?calls=(\d+)/g)].map(([, name, count]) => [name, Number(count)]);
    const inScripts = new Set<unknown>(['time', 'zscore', 'hmget', 'zadd', 'zrange', 'hset', 'expire', 'ttl', 'hlen']);
    const sent = calls.filter(([name]) => !inScripts.has(name) && name !== 'config');
    // A heartbeat each second, a third of the lease, and now and then the wait begins anew.
    expect(sent.reduce((sum, [, count]) => sum + (count as number), 0)).toBeLessThanOrEqual(4);
  });
});

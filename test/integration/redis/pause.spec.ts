import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import type { RedisToolkit } from '../../../lib/drivers/redis/redis-toolkit.js';
import { claimOne } from '../../contract/scene.js';
import { eventually } from '../../support/eventually.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import { useRedis } from '../../support/use-redis.js';

const QUEUE = 'mail';
const META = `queue:${QUEUE}:meta`;
const DAY = 86_400;

describe('the pause of a queue in Redis', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let driver: RedisDriver;
  const open = (): Promise<RedisDriver> => drivers.connect({ redis: { url: redis.url }, statusTtl: DAY });
  const consume = (on = driver, lease = 30, onSignal = (): void => undefined) =>
    on.consume(QUEUE, { lease, onLost: () => undefined, onSignal });
  const idle = { settlements: [], limit: 0, recovered: false };
  const push = (id: string) => driver.push(QUEUE, [{ id, body: '', delay: 0 }], false);

  beforeEach(async () => {
    driver = await open();
  });

  it('stays when nobody works the queue, and when consumers poll and give signs of life', async () => {
    await driver.pauses.pause(QUEUE, null);
    expect(await redis.client.pttl(META)).toBe(-1);
    await push('a');
    await driver.pauses.resume(QUEUE);
    const consumer = consume(driver, 0.3);
    await claimOne(consumer);
    await driver.pauses.pause(QUEUE, null);
    await consumer.poll(idle);
    expect(await redis.client.pttl(META)).toBe(-1);
    const calls = async (): Promise<number> =>
      Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.client.info('commandstats'))?.[1] ?? 0);
    const before = await calls();
    await eventually(async () => (await calls()) > before);
    expect(await redis.client.pttl(META)).toBe(-1);
  });

  it('does not end by itself after a push of a given id', async () => {
    await driver.pauses.pause(QUEUE, null);
    await driver.push(QUEUE, [{ id: 'order-42', body: '', delay: 0, name: 'Order' }], true);
    expect(await redis.client.pttl(META)).toBe(-1);
  });

  it('leaves nothing behind for longer than a day after its end', async () => {
    await driver.pauses.pause(QUEUE, 60_000);
    expect(await redis.client.ttl(META)).toBeGreaterThan(DAY);
    expect(await redis.client.ttl(META)).toBeLessThanOrEqual(DAY + 60);
    await driver.pauses.resume(QUEUE);
    expect(await redis.client.hgetall(META)).not.toHaveProperty('paused');
    await driver.pauses.pause(QUEUE, null);
    await driver.pauses.resume(QUEUE);
    expect(await redis.client.exists(META)).toBe(0);
  });

  it('reaches a consumer without a signal, by its next sign of life', async () => {
    await push('a');
    let calls = 0;
    const consumer = consume(driver, 0.3, () => calls++);
    await claimOne(consumer);
    // As if the signal were lost: only the hash changes.
    await redis.client.hset(META, 'paused', 'by hand');
    await eventually(() => calls > 0);
    expect((await consumer.poll(idle)).paused).toBe(true);
  });

  it('is waited for until each process that holds jobs knows it', async () => {
    const other = await open();
    await push('a');
    await push('b');
    const answering = (on: RedisDriver) => {
      const consumer = consume(on, 30, () => void consumer.poll(idle).then(() => consumer.poll(idle)));
      return consumer;
    };
    const consumers = [answering(driver), answering(other)];
    for (const consumer of consumers) await claimOne(consumer);
    await eventually(async () => ((await redis.client.pubsub('NUMSUB', `queue:${QUEUE}:signals`))[1] as number) === 2);
    await driver.pauses.pause(QUEUE, null);
    const paused = await redis.client.hget(META, 'paused');
    const polls = await redis.client.keys(`queue:${QUEUE}:polls:*`);
    const obeyed = await Promise.all(polls.map((key) => redis.client.hget(key, 'obeyed')));
    expect(obeyed).toEqual([paused, paused]);
  });

  describe('a copy of a request that arrives late', () => {
    const calls: (() => Promise<unknown>)[] = [];
    beforeEach(() => {
      calls.length = 0;
      const { toolkit } = driver.pauses as unknown as { toolkit: RedisToolkit };
      const run = toolkit.commands.run.bind(toolkit.commands);
      toolkit.commands.run = (...args) => {
        calls.push(() => run(...args));
        return run(...args);
      };
    });

    it('does not pause a queue again that was resumed', async () => {
      await driver.pauses.pause(QUEUE, null);
      const [late] = calls;
      await driver.pauses.resume(QUEUE);
      await late!();
      expect(await driver.pauses.read(QUEUE)).toBeNull();
      expect(await redis.client.exists(META)).toBe(0);
    });

    it('does not resume a queue that was paused again', async () => {
      await driver.pauses.resume(QUEUE);
      const [late] = calls;
      await driver.pauses.pause(QUEUE, null);
      await late!();
      expect(await driver.pauses.read(QUEUE)).toEqual({ until: null });
    });

    it('cancels no job that was pushed since, for as long as a copy may come', async () => {
      const given = [{ id: 'order', body: 'hMail\n', delay: 0, name: 'Mail', replacesEnded: true }];
      await driver.push(QUEUE, given, true);
      expect(await driver.cancellations.cancel('order')).toBe('cancelled');
      const answers = await redis.client.keys(`queue:${QUEUE}:call:*`);
      expect(answers).toHaveLength(1);
      // A kernel tries for a quarter of an hour to deliver what a closed socket has sent.
      expect(await redis.client.pttl(answers[0]!)).toBeGreaterThan(15 * 60_000);
      const late = calls.at(-1)!;
      await driver.push(QUEUE, given, true);
      await late();
      expect(await driver.counts(QUEUE)).toMatchObject({ ready: 1 });
    });
  });

  it('lets a poll wake no other consumer, although jobs are ready', async () => {
    await driver.pauses.pause(QUEUE, null);
    await push('a');
    await redis.client.del(`queue:${QUEUE}:marker`);
    await consume().poll({ ...idle, limit: 1 });
    expect(await redis.client.exists(`queue:${QUEUE}:marker`)).toBe(0);
    await driver.pauses.resume(QUEUE);
    expect(await redis.client.exists(`queue:${QUEUE}:marker`)).toBe(1);
  });

  it('is found by another process', async () => {
    const other = await open();
    await driver.pauses.pause(QUEUE, 60_000);
    const { until } = (await other.pauses.read(QUEUE))!;
    expect(Math.abs(until! - Date.now() - 60_000)).toBeLessThan(2_000);
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import { RedisKeys } from '../../../lib/drivers/redis/keys.js';
import type { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import type { NewJob } from '../../../lib/drivers/queue-driver.interface.js';
import { claim, complete, idsOf, settle } from '../../contract/scene.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { useRedis } from '../../support/use-redis.js';

const QUEUE = 'mail';

const job = (id: string, delay: number, key = 'a'): NewJob => ({
  id,
  body: `body of ${id}`,
  delay,
  isGenerated: true,
  traits: { debounce: { key: `Index\t${key}` } },
});

describe('debounced jobs in Redis', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  const keys = new RedisKeys(false).of(QUEUE);
  let driver: RedisDriver;
  const consume = () => driver.consume(QUEUE, { lease: 30, onLost: () => undefined });

  beforeEach(async () => {
    driver = await drivers.connect({ redis: { url: redis.url } });
  });

  it('are never two and never none, if pushes meet their starts', async () => {
    const pusher = await drivers.connect({ redis: { url: redis.url } });
    const consumer = consume();
    const pushes = { left: 400 };
    const added: string[] = [];
    const pushing = (async () => {
      for (; pushes.left > 0; pushes.left--) {
        const id = `job-${pushes.left}`;
        const exceptions = await pusher.push(QUEUE, [job(id, 0.001)], true);
        if (!exceptions) added.push(id);
      }
    })();
    const ran: string[] = [];
    let last = '';
    while (pushes.left > 0 || (await driver.counts(QUEUE)).delayed + (await driver.counts(QUEUE)).ready > 0) {
      const jobs = await claim(consumer, 10);
      await settle(consumer, ...jobs.map((each) => complete(each)));
      ran.push(...idsOf(jobs));
      last = jobs.at(-1)?.body ?? last;
    }
    await pushing;
    // Each added job ran once, and the last push was the last to run.
    expect(ran.toSorted()).toEqual(added.toSorted());
    expect(last).toBe('body of job-1');
    expect(await redis.client.exists(keys.debounce, keys.traits)).toBe(0);
  });

  it('tell what the first execution told, if the reply to a push is lost', async () => {
    const proxy = drivers.keep(await TcpProxy.start(redis));
    const client = await drivers.connect({ redis: { host: proxy.host, port: proxy.port, database: redis.database } });
    await client.push(QUEUE, [job('a', 60)], true);
    const lost = proxy.loseReplyTo('body of b');
    expect(await client.push(QUEUE, [job('b', 60), job('c', 60, 'c')], true)).toEqual([
      { index: 0, outcome: 'replaced', id: 'a' },
    ]);
    await lost;
    const again = proxy.loseReplyTo('body of d');
    expect(await client.push(QUEUE, [job('d', 60, 'd')], true)).toBeUndefined();
    await again;
    expect(await driver.counts(QUEUE)).toMatchObject({ delayed: 3 });
  });

  it('leave a stale element in a long list when they are put off, and run once', async () => {
    const consumer = consume();
    const ids = Array.from({ length: 1_200 }, (_, i) => `plain-${i}`);
    for (let at = 0; at < ids.length; at += 400) {
      await driver.push(
        QUEUE,
        ids.slice(at, at + 400).map((id) => ({ id, body: id, delay: 0 })),
        false,
      );
    }
    await driver.push(QUEUE, [job('a', 0.001)], true);
    while ((await driver.counts(QUEUE)).delayed > 0) await claim(consumer, 0);
    expect(await driver.push(QUEUE, [job('b', 0.05)], true)).toEqual([{ index: 0, outcome: 'replaced', id: 'a' }]);
    expect(await redis.client.hget(keys.gone, 'a')).toBe('1');
    expect(await driver.counts(QUEUE)).toMatchObject({ ready: 1_200, delayed: 1 });
    const ran: string[] = [];
    while ((await driver.counts(QUEUE)).delayed > 0 || (await driver.counts(QUEUE)).ready > 0) {
      const jobs = await claim(consumer, 300);
      await settle(consumer, ...jobs.map((each) => complete(each)));
      ran.push(...jobs.map(({ body }) => body));
    }
    expect(ran.length).toBe(1_201);
    expect(ran.filter((body) => body.startsWith('body'))).toEqual(['body of b']);
    expect(await redis.client.exists(keys.gone, keys.debounce)).toBe(0);
  });

  it('free the key of a job whose record another program removed', async () => {
    await driver.push(QUEUE, [job('a', 60)], true);
    await redis.client.hdel(keys.jobs, 'a');
    expect(await driver.push(QUEUE, [job('b', 60)], true)).toBeUndefined();
    expect(await driver.push(QUEUE, [job('c', 60)], true)).toEqual([{ index: 0, outcome: 'replaced', id: 'b' }]);
  });

  it('keep their keys in a hash table: in a small hash each look-up would be a search', async () => {
    await driver.push(QUEUE, [job('a', 60)], true);
    expect(await redis.client.object('ENCODING', keys.debounce)).toBe('hashtable');
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import { RedisKeys } from '../../../lib/drivers/redis/keys.js';
import type { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import type { UniqueKey } from '../../../lib/drivers/job-traits.interface.js';
import type { NewJob, PushException } from '../../../lib/drivers/queue-driver.interface.js';
import { StorageCorruptError } from '../../../lib/queue.errors.js';
import { claim, complete, drain, idsOf, settle } from '../../contract/scene.js';
import { eventually } from '../../support/eventually.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { useRedis } from '../../support/use-redis.js';

const QUEUE = 'mail';
const CLIENTS = 8;

const job = (id: string, key = 'a', wish: Partial<UniqueKey> = {}): NewJob => ({
  id,
  body: `body of ${id}`,
  delay: 0,
  isGenerated: true,
  traits: { unique: { key: `Report\t${key}`, until: 'end', ...wish } },
});

describe('unique jobs in Redis', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  const keys = new RedisKeys(false).of(QUEUE);
  let driver: RedisDriver;
  const push = (...jobs: NewJob[]): Promise<readonly PushException[] | undefined> => driver.push(QUEUE, jobs, true);
  const consume = (by = driver) => by.consume(QUEUE, { lease: 30, onLost: () => undefined });
  const taken = () => redis.client.hgetall(keys.unique);

  beforeEach(async () => {
    driver = await drivers.connect({ redis: { url: redis.url } });
  });

  it('are one job, if a thousand pushes come at once from eight clients that lose replies', async () => {
    const proxy = drivers.keep(await TcpProxy.start(redis));
    const clients = await Promise.all(
      Array.from({ length: CLIENTS }, (_, client) =>
        drivers.connect({
          redis:
            client % 2 === 0 ? { host: proxy.host, port: proxy.port, database: redis.database } : { url: redis.url },
        }),
      ),
    );
    await Promise.all(clients.map((client) => client.push(QUEUE, [job('warm', 'warm')], true)));
    await drain(consume());
    proxy.dropReplies();
    const pushes = clients.flatMap((client, number) =>
      Array.from({ length: 125 }, async (_, i) => {
        const id = `job-${number}-${i}`;
        return [id, await client.push(QUEUE, [job(id)], true)] as const;
      }),
    );
    await eventually(async () => expect(await redis.client.hget(keys.unique, 'Report\ta')).not.toBeNull());
    await proxy.pass();
    proxy.cut();
    const answers = await Promise.all(pushes);
    const [added, ...others] = answers.filter(([, exceptions]) => exceptions === undefined);
    expect(others).toEqual([]);
    const [id] = added!;
    const told = answers.filter(([each]) => each !== id).map(([, exceptions]) => exceptions![0]!.id);
    expect(told).toHaveLength(999);
    expect(new Set(told)).toEqual(new Set([id]));
    expect(idsOf(await claim(consume(), 10))).toEqual([id]);
  });

  it('tell what the first execution told, if the reply to a push is lost', async () => {
    const proxy = drivers.keep(await TcpProxy.start(redis));
    const client = await drivers.connect({ redis: { host: proxy.host, port: proxy.port, database: redis.database } });
    await client.push(QUEUE, [job('warm', 'warm'), job('first', 'b')], true);
    const lost = proxy.loseReplyTo('body of own');
    const answer = await client.push(QUEUE, [job('own'), job('again'), job('other', 'b')], true);
    await lost;
    expect(answer).toEqual([
      { index: 1, outcome: 'duplicate', id: 'own' },
      { index: 2, outcome: 'duplicate', id: 'first' },
    ]);
    const lostAgain = proxy.loseReplyTo('body of alone');
    expect(await client.push(QUEUE, [job('alone', 'c')], true)).toBeUndefined();
    await lostAgain;
    expect(await driver.counts(QUEUE)).toMatchObject({ ready: 4 });
  });

  it('are never two and never none, if pushes meet the ends of their predecessors', async () => {
    const pusher = await drivers.connect({ redis: { url: redis.url } });
    const consumer = consume();
    let added = 0;
    const pushes = { left: 400 };
    const pushing = (async () => {
      for (; pushes.left > 0; pushes.left--) {
        if (!(await pusher.push(QUEUE, [job(`job-${pushes.left}`)], true))) added++;
      }
    })();
    const ran: string[] = [];
    while (pushes.left > 0 || (await driver.counts(QUEUE)).ready > 0) {
      const jobs = await claim(consumer, 10);
      expect(jobs.length).toBeLessThan(2);
      await settle(consumer, ...jobs.map((each) => complete(each)));
      ran.push(...idsOf(jobs));
    }
    await pushing;
    expect(ran.length).toBe(added);
    expect(new Set(ran).size).toBe(ran.length);
    expect(await taken()).toEqual({});
  });

  it('leave no key behind once nothing of them is kept', async () => {
    await push(job('a'), job('b', 'b'), job('c', 'c', { until: 'start' }));
    expect(Object.keys(await taken()).toSorted()).toEqual(['Report\ta', 'Report\tb', 'Report\tc']);
    await drain(consume());
    expect(await redis.client.exists(keys.unique, keys.throttles)).toBe(0);
  });

  it('keep a long key as a hash, which is free again at the end of its job', async () => {
    const long = (end: string) => `${'customer '.repeat(20)}${end}`;
    await push(job('a', long('1')), job('b', long('2')));
    expect(Object.keys(await taken()).map((key) => key.length)).toEqual([14, 14]);
    expect(await push(job('c', long('1')))).toEqual([{ index: 0, outcome: 'duplicate', id: 'a' }]);
    await drain(consume());
    expect(await push(job('d', long('1')))).toBeUndefined();
  });

  it('keep their keys in a hash table: in a small hash each look-up would be a search', async () => {
    await push(job('a'));
    expect(await redis.client.object('ENCODING', keys.unique)).toBe('hashtable');
  });

  it('let their keys expire with the last throttle, and not while one needs its key', async () => {
    await push(job('a', 'a', { for: 100 }), job('b', 'b', { for: 200 }), job('c', 'c'));
    const consumer = consume();
    const [a, b, c] = await claim(consumer, 3);
    await settle(consumer, complete(a!), complete(b!));
    expect(await redis.client.ttl(keys.unique)).toBe(-1);
    await settle(consumer, complete(c!));
    for (const key of [keys.unique, keys.throttles]) {
      expect(await redis.client.ttl(key)).toBeGreaterThan(250);
      expect(await redis.client.ttl(key)).toBeLessThanOrEqual(260);
    }
    await push(job('d', 'd'));
    for (const key of [keys.unique, keys.throttles]) expect(await redis.client.ttl(key)).toBe(-1);
    await driver.mending.obliterate(QUEUE);
    expect(await redis.client.exists(keys.unique, keys.throttles)).toBe(0);
  });

  it('remove the throttles that are over with later pushes', async () => {
    await push(
      ...Array.from({ length: 150 }, (_, i) => job(`a-${i}`, `a-${i}`, { for: 0.001 })),
      job('stays', 'stays'),
    );
    const consumer = consume();
    await settle(consumer, ...(await claim(consumer, 150)).map((each) => complete(each)));
    await eventually(async () => {
      await push(job('stays', 'stays'));
      expect(await redis.client.zcard(keys.throttles)).toBe(0);
    });
    expect(Object.keys(await taken())).toEqual(['Report\tstays']);
  });

  it('free the key of a job whose record another program removed, when its id is found', async () => {
    await push(job('a'));
    await redis.client.hdel(keys.jobs, 'a');
    const { danglingIds } = await consume().poll({ settlements: [], limit: 1, recovered: false });
    expect(danglingIds).toEqual(['a']);
    expect(await taken()).toEqual({});
    expect(await redis.client.exists(keys.traits)).toBe(0);
  });

  it('take the key of a job whose record another program removed', async () => {
    await push(job('a'));
    await redis.client.hdel(keys.jobs, 'a');
    expect(await push(job('b'))).toBeUndefined();
    expect(await push(job('c'))).toEqual([{ index: 0, outcome: 'duplicate', id: 'b' }]);
    // The id of the lost job is found later: the key is not its own any more.
    await claim(consume(), 1);
    expect(await taken()).toEqual({ 'Report\ta': 'b' });
  });

  it('cannot be pushed over a key of the wrong type, and nothing is stored', async () => {
    await redis.client.set(keys.unique, 'foreign');
    await expect(push(job('a'))).rejects.toThrow(StorageCorruptError);
    expect(await driver.counts(QUEUE)).toMatchObject({ ready: 0 });
    expect(await redis.client.exists(keys.traits)).toBe(0);
  });
});

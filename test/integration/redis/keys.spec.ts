import { beforeEach, describe, expect, it } from '@jest/globals';
import { RedisKeys } from '../../../lib/drivers/redis/keys.js';
import type { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import { heartbeatScript } from '../../../lib/drivers/redis/scripts/heartbeat.script.js';
import { compileScript, toCall } from '../../../lib/drivers/redis/scripts/script.js';
import { claim, claimOne, complete, fail, numbered, release, retry, settle } from '../../contract/scene.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import { useRedis } from '../../support/use-redis.js';

const DAY = 86_400;

/** What is promised to those who look with a client of their own, such as redis-cli. */
describe('the keys in Redis', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let driver: RedisDriver;
  const consume = (queue = 'default') => driver.consume(queue, { lease: 30, onLost: () => undefined });
  const push = (ids: readonly string[], { delay = 0, unique = false, queue = 'default' } = {}) =>
    driver.push(
      queue,
      ids.map((id) => ({ id, body: `body of ${id}`, delay })),
      unique,
    );
  const status = async (id: string): Promise<unknown> => JSON.parse((await redis.client.get(`job:status:${id}`))!);
  const now = (): number => Math.floor(Date.now() / 1000);
  const aroundNow = {
    asymmetricMatch: (value: unknown) => Number.isInteger(value) && Math.abs((value as number) - now()) <= 2,
  };

  /** The keys that do not expire. */
  const withoutEnd = async (pattern: string): Promise<string[]> => {
    const keys = await redis.client.keys(pattern);
    const ends = await Promise.all(keys.map((key) => redis.client.ttl(key)));
    return keys.filter((_, i) => ends[i] === -1);
  };

  beforeEach(async () => {
    driver = await drivers.connect({ redis: { url: redis.url }, statusTtl: DAY });
  });

  it('queue:NAME is a list as long as the queue is deep, first in, first out', async () => {
    await push(['a', 'b']);
    await push(['c']);
    expect(await redis.client.type('queue:default')).toBe('list');
    expect(await redis.client.llen('queue:default')).toBe(3);
    expect(await redis.client.lrange('queue:default', 0, -1)).toEqual(['a', 'b', 'c']);
    await claimOne(consume());
    expect(await redis.client.llen('queue:default')).toBe(2);
  });

  it('queue:NAME:delayed is a sorted set of delayed and retried jobs by unix seconds', async () => {
    await push(['a'], { delay: 100.25 });
    await push(['b']);
    const consumer = consume();
    await settle(consumer, retry(await claimOne(consumer), { delay: 50 }));
    expect(await redis.client.zcard('queue:default:delayed')).toBe(2);
    const [, first, , second] = await redis.client.zrange('queue:default:delayed', '0', '-1', 'WITHSCORES');
    expect(Math.abs(Number(first) - Date.now() / 1000 - 50)).toBeLessThan(2);
    expect(Math.abs(Number(second) - Date.now() / 1000 - 100.25)).toBeLessThan(2);
    const milliseconds = Number(second) * 1000;
    expect(Math.abs(milliseconds - Math.round(milliseconds))).toBeLessThan(0.01);
  });

  it('job:status:ID is JSON, written when a job is processed, retried, completed or failed', async () => {
    await push(['a', 'b']);
    const consumer = consume();
    const [a, b] = await claim(consumer);
    expect(await status('a')).toEqual({ status: 'processing', updated_at: aroundNow, queue: 'default', attempt: 1 });
    await settle(consumer, retry(a!, { error: 'say "no"\n' }), complete(b!));
    expect(await status('a')).toEqual({
      status: 'retrying',
      updated_at: aroundNow,
      queue: 'default',
      attempt: 1,
      error: 'say "no"\n',
    });
    expect(await status('b')).toEqual({ status: 'completed', updated_at: aroundNow, queue: 'default', attempt: 1 });
    const again = await claimOne(consumer);
    expect(await status('a')).toMatchObject({ status: 'processing', attempt: 2 });
    await settle(consumer, fail(again, 'given up'));
    expect(await status('a')).toMatchObject({ status: 'failed', attempt: 2, error: 'given up' });
  });

  it('job:status:ID exists from the push on if the application chose the id', async () => {
    await push(['now'], { unique: true });
    await push(['later'], { unique: true, delay: 5 });
    expect(await status('now')).toEqual({ status: 'queued', updated_at: aroundNow, queue: 'default', attempt: 0 });
    expect(await status('later')).toEqual({ status: 'delayed', updated_at: aroundNow, queue: 'default', attempt: 0 });
  });

  it('job:status:ID expires a day after the end, and not before the end', async () => {
    await push(['a', 'b', 'c', 'd'], { unique: true });
    const consumer = consume();
    const ttl = (id: string): Promise<number> => redis.client.ttl(`job:status:${id}`);
    expect(await ttl('a')).toBe(-1);
    const [a, b, c, d] = await claim(consumer);
    expect(await ttl('a')).toBe(-1);
    await settle(consumer, complete(a!), fail(b!), retry(c!), release(d!));
    for (const id of ['a', 'b']) expect(Math.abs((await ttl(id)) - DAY)).toBeLessThan(3);
    for (const id of ['c', 'd']) expect(await ttl(id)).toBe(-1);
    await driver.setStatus('other', 'completed');
    expect(Math.abs((await ttl('other')) - DAY)).toBeLessThan(3);
  });

  it('worker:last_processed is the unix second of the last end of a job', async () => {
    await push(numbered(3));
    const consumer = consume();
    const [a, b, c] = await claim(consumer);
    await settle(consumer, retry(a!, { delay: 5 }));
    await driver.ping();
    expect(await redis.client.exists('worker:last_processed')).toBe(0);
    await settle(consumer, complete(b!));
    await driver.ping();
    expect(Number(await redis.client.get('worker:last_processed'))).toEqual(aroundNow);
    // At most once a second, however many jobs end.
    await redis.client.set('worker:last_processed', 'seen');
    await settle(consumer, fail(c!));
    await driver.ping();
    expect(['seen', String(now()), String(now() - 1)]).toContain(await redis.client.get('worker:last_processed'));
  });

  it('are all documented', async () => {
    await push(['a', 'b', 'c', 'd']);
    await push(['e'], { delay: 5 });
    await push(['f/1'], { delay: 5, unique: true });
    const consumer = consume();
    const jobs = await claim(consumer, 3);
    await settle(consumer, { ...complete(jobs[0]!), sample: 65 }, fail(jobs[1]!), retry(jobs[2]!, { delay: 5 }));
    await claim(consumer, 1);
    expect(await redis.client.keys('*:stats:*')).toHaveLength(2);
    const documented =
      /^(queue:default(:(delayed|jobs|completed|failures|attempts|recovered|consumers|meta|marker|failed|stats:(last|[mh]:\d+)|(claimed|polls|producer):[\w-]{12}))?|queue:~ids|job:status:[\w/]+|worker:last_processed|queues)$/;
    for (const key of await redis.client.keys('*')) expect(key).toMatch(documented);
    expect(await redis.client.smembers('queues')).toEqual(['default']);
  });

  it.each([
    ['kept', DAY],
    ['not kept', 0],
  ])(
    'expire when all jobs have ended and statuses are %s, except queues and worker:last_processed',
    async (_, statusTtl) => {
      driver = await drivers.connect({ redis: { url: redis.url }, statusTtl });
      await push(numbered(20), { unique: true });
      await push(['x', 'y'], { queue: 'other' });
      await push(['z'], { queue: 'other', delay: 60 });
      const [consumer, other] = [consume(), consume('other')];
      const jobs = await claim(consumer);
      await settle(
        consumer,
        ...jobs.map((job, index) => Object.assign([complete, fail, retry, release][index % 4]!(job), { sample: 65 })),
      );
      await settle(consumer, ...(await claim(consumer)).map((job) => complete(job)));
      await settle(other, complete(await claimOne(other)));
      expect(await driver.clear('other')).toBe(2);
      await consumer.close();
      await other.close();
      expect((await withoutEnd('*')).toSorted()).toEqual(['queues', 'worker:last_processed']);
      if (statusTtl === 0) expect(await redis.client.keys('job:*')).toEqual([]);
    },
  );

  it('expire though their consumer was killed, once it held no job', async () => {
    await push(['a']);
    const consumer = consume();
    await settle(consumer, complete(await claimOne(consumer)));
    expect(await withoutEnd('queue:*')).toEqual([]);
  });

  it('expire a day, and at least four leases, after the last sign of life', async () => {
    const ttl = async (key: string): Promise<number> => redis.client.ttl(key);
    const consumer = driver.consume('default', { lease: DAY, onLost: () => undefined });
    await claim(consumer);
    expect(await ttl('queue:default:consumers')).toBe(4 * DAY);
    const [polls] = await redis.client.keys('queue:default:polls:*');
    expect(await ttl(polls!)).toBe(4 * DAY);
  });

  it('do not expire while a consumer holds a job, whatever the other consumers do', async () => {
    await push(['a', 'b', 'c']);
    const [holder, other] = [consume(), consume()];
    await claim(other, 0);
    expect(await redis.client.ttl('queue:default:consumers')).toBeGreaterThan(0);
    await claim(holder, 1);
    expect(await withoutEnd('queue:default:c[lo][an]*')).toHaveLength(2);
    await claim(other, 0);
    await settle(other, ...(await claim(other, 1)).map((job) => complete(job)));
    expect(await withoutEnd('queue:default:c[lo][an]*')).toHaveLength(2);
    const { claimedPrefix, pollsPrefix, ...keys } = new RedisKeys(false).of('default');
    const ids = await redis.client.zrange(keys.consumers, '0', '-1');
    const terms = { lease: 30_000, interval: 10_000, grace: 2_500, next: 10_000 };
    for (const id of ids) {
      const input = { keys: { ...keys, polls: pollsPrefix + id }, args: { consumer: id, ...terms, claimedPrefix } };
      const [count, ...values] = toCall(heartbeatScript, input);
      await redis.client.eval(compileScript(heartbeatScript).source, Number(count), ...values);
    }
    expect(await withoutEnd('queue:default:c[lo][an]*')).toHaveLength(2);
  });

  it('job:status:ID expires after one second if the status time is a fraction of a second', async () => {
    driver = await drivers.connect({ redis: { url: redis.url }, statusTtl: 0.2 });
    await push(['a']);
    const consumer = consume();
    expect((await settle(consumer, complete(await claimOne(consumer)))).refused).toEqual([]);
    expect(await redis.client.ttl('job:status:a')).toBe(1);
  });

  it('do not expire while a job is held, although an older version listed failed jobs without their records', async () => {
    await redis.client.zadd('queue:default:failed', now(), 'failed-before-the-upgrade');
    await push(['a']);
    const holder = consume();
    const held = await claimOne(holder);
    await claim(consume());
    expect(await redis.client.ttl('queue:default:jobs')).toBe(-1);
    await settle(holder, complete(held));
    await claim(holder);
    expect(await redis.client.ttl('queue:default:jobs')).toBeGreaterThan(0);
  });

  it.each([
    ['removed', (id: string) => driver.mending.remove('default', [id])],
    ['cancelled', (id: string) => driver.cancellations.cancel(id)],
    ['cleared', () => driver.clear('default')],
  ])(
    'do not expire while a job waits, although an older version listed failed jobs: another job is %s',
    async (_, leave) => {
      const isKept = async () => (await redis.client.ttl('queue:default:jobs')) === -1;
      for (const place of ['delayed', 'ready', 'recovered']) {
        const key = place === 'ready' ? 'queue:default' : `queue:default:${place}`;
        await redis.client.flushdb();
        await redis.client.zadd('queue:default:failed', ...numbered(5).flatMap((id) => [now(), id]));
        await push(['stays'], { delay: place === 'delayed' ? 1_000 : 0, unique: true });
        if (place === 'recovered') {
          const consumer = consume();
          await claimOne(consumer);
          const [holder] = await redis.client.zrange('queue:default:consumers', '0', '-1');
          await redis.client.zadd('queue:default:consumers', 1, holder!);
          await claim(consume(), 0);
        }
        const length = () => (place === 'delayed' ? redis.client.zcard(key) : redis.client.llen(key));
        expect(await length()).toBe(1);
        // A job that was pushed in this millisecond would be dropped, too.
        const clears = leave.length === 0;
        await push(['goes'], { delay: 2_000, unique: true });
        if (clears) await redis.client.hset('queue:default:jobs', 'stays', `${'9'.repeat(13)}body of stays`);
        await leave('goes');
        expect([place, await length(), await isKept()]).toEqual([place, 1, true]);
        await claim(consume(), 0);
        expect([place, await isKept()]).toEqual([place, true]);
      }
    },
  );

  it('keep no failure of an older version whose id a push has taken', async () => {
    await redis.client.zadd('queue:default:failed', now(), 'failed-before-the-upgrade', now(), 'other');
    await push(['failed-before-the-upgrade'], { unique: true });
    expect(await redis.client.zrange('queue:default:failed', '0', '-1')).toEqual(['other']);
    expect(await driver.counts('default')).toMatchObject({ ready: 1, failed: 1 });
  });
});

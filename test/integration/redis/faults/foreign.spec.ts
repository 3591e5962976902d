import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { claim, claimRecovered, complete, idsOf, IDLE, retry, settle } from '../../../contract/scene.js';
import { SCRIPT_TIME, setClock } from '../../../support/redis-clock.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { useRedis } from '../../../support/use-redis.js';

const START = 1_767_225_600_000;
/** Seconds. */
const LEASE = 30;

/** Another program has put elements of the right type among those of the queue `mail`. */
describe('foreign elements', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let driver: RedisDriver;
  let now = START;
  const push = (...ids: string[]): Promise<unknown> =>
    driver.push(
      'mail',
      ids.map((id) => ({ id, body: `body of ${id}`, delay: 0 })),
      false,
    );
  const consume = () => driver.consume('mail', { lease: LEASE, onLost: () => undefined });
  const advance = async (seconds: number): Promise<void> => {
    now += seconds * 1000;
    await setClock(redis.client, now);
  };

  beforeEach(async () => {
    now = START;
    await advance(0);
    driver = await drivers.connect({ redis: { url: redis.url }, scriptTime: SCRIPT_TIME });
  });

  it('in the list are reported as dangling ids, and the other jobs run', async () => {
    await redis.client.rpush('queue:mail', 'foreign', '', '{"job":1}', 'ünïcode', '\u0000', 'x'.repeat(10_000));
    await push('a');
    await redis.client.rpush('queue:mail', 'more');
    const { jobs, danglingIds } = await consume().poll({ settlements: [], limit: 100, recovered: false });
    expect(idsOf(jobs)).toEqual(['a']);
    expect(danglingIds).toEqual(['foreign', '', '{"job":1}', 'ünïcode', '\u0000', 'x'.repeat(10_000), 'more']);
    expect(await redis.client.llen('queue:mail')).toBe(0);
  });

  it('count towards the limit of a poll, so that it stays short', async () => {
    await redis.client.rpush('queue:mail', ...Array.from({ length: 50 }, (_, i) => `foreign-${i}`));
    await push('a');
    const consumer = consume();
    const { jobs, danglingIds, more } = await consumer.poll({ settlements: [], limit: 50, recovered: false });
    expect({ jobs, danglingIds: danglingIds.length, more }).toEqual({ jobs: [], danglingIds: 50, more: true });
    expect(idsOf(await claim(consumer))).toEqual(['a']);
  });

  it('among the delayed jobs are reported as dangling ids when they are due, whatever their score', async () => {
    await redis.client.zadd(
      'queue:mail:delayed',
      '-inf',
      'lowest',
      -5,
      'negative',
      START / 1000 + 5,
      'soon',
      '+inf',
      'never',
    );
    await push('a');
    const consumer = consume();
    const first = await consumer.poll({ settlements: [], limit: 100, recovered: false });
    expect(first).toMatchObject({ danglingIds: ['lowest', 'negative'], nextDue: 5_000 });
    expect(idsOf(first.jobs)).toEqual(['a']);
    await advance(5);
    const second = await consumer.poll({ settlements: [], limit: 100, recovered: false });
    expect(second).toMatchObject({ danglingIds: ['soon'], jobs: [], nextDue: null });
    expect(await driver.clear('mail')).toBe(0);
    expect(await redis.client.exists('queue:mail:delayed')).toBe(0);
  });

  it('among the recovered jobs are reported as dangling ids', async () => {
    await redis.client.rpush('queue:mail:recovered', 'foreign');
    const result = await consume().poll({ settlements: [], limit: 5, recovered: true });
    expect(result).toMatchObject({ jobs: [], danglingIds: ['foreign'], recovered: false });
  });

  it('among the records change nothing', async () => {
    await redis.client.hset('queue:mail:jobs', { foreign: 'x', '': 'y' });
    await push('a');
    expect(idsOf(await claim(consume()))).toEqual(['a']);
    expect(await driver.getStatus('a')).toMatchObject({ state: 'processing' });
    expect(await driver.getStatus('foreign')).toMatchObject({ queue: 'mail' });
  });

  it('in place of a record are handed to the worker, which reads or fails them', async () => {
    await push('a', 'b');
    await redis.client.hset('queue:mail:jobs', 'a', 'foreign');
    const consumer = consume();
    const jobs = await claim(consumer);
    expect(jobs).toMatchObject([{ id: 'a', pushedAt: 0 }, { id: 'b' }]);
    expect((await settle(consumer, ...jobs.map((job) => complete(job)))).refused).toEqual([]);
  });

  it('in place of the attempts of a job count as no attempts', async () => {
    await push('a', 'b');
    await redis.client.hset('queue:mail:attempts', { a: 'foreign', b: '1:2:x', c: '' });
    const consumer = consume();
    const jobs = await claim(consumer);
    expect(jobs).toMatchObject([
      { attempt: 1, crashes: 0, unknownFor: 0 },
      { attempt: 1, crashes: 0, unknownFor: 0 },
    ]);
    expect((await settle(consumer, complete(jobs[0]!), retry(jobs[1]!))).refused).toEqual([]);
    expect(await claim(consumer)).toMatchObject([{ id: 'b', attempt: 2 }]);
  });

  it('in place of the fence and of the last heartbeat stop no consumer', async () => {
    await push('a', 'b');
    await redis.client.hset('queue:mail:meta', {
      fence: 'foreign',
      seen: 'foreign',
      grace: 'foreign',
      more: 'foreign',
    });
    const consumer = consume();
    const [a] = await claim(consumer, 1);
    expect(a!.fence).toBeGreaterThanOrEqual(START);
    await redis.client.hset('queue:mail:meta', { seen: 'foreign', grace: 'foreign' });
    const { jobs, refused } = await consumer.poll({ settlements: [complete(a!)], limit: 1, recovered: false });
    expect({ ids: idsOf(jobs), refused }).toEqual({ ids: ['b'], refused: [] });
  });

  it('among the claims of a lost consumer are reported as dangling ids, and its jobs are recovered', async () => {
    await push('a', 'b');
    const [lost, alive] = [consume(), consume()];
    await claim(lost);
    const [consumer] = await redis.client.keys('queue:mail:claimed:*');
    await redis.client.hset(consumer!, { foreign: 'foreign', other: '' });
    for (let i = 0; i < 5; i++) {
      await alive.poll(IDLE);
      await advance(LEASE / 3);
    }
    const seen: string[] = [];
    const danglingIds: string[] = [];
    for (let i = 0; i < 4; i++) {
      const result = await alive.poll({ settlements: [], limit: 1, recovered: true });
      seen.push(...idsOf(result.jobs));
      danglingIds.push(...result.danglingIds);
    }
    expect(seen.toSorted()).toEqual(['a', 'b']);
    expect(danglingIds.toSorted()).toEqual(['foreign', 'other']);
    // Nothing is kept of them, because no worker would ever end them.
    expect(Object.keys(await redis.client.hgetall('queue:mail:attempts')).toSorted()).toEqual(['a', 'b']);
    for (const id of ['foreign', 'other']) expect(await redis.client.ttl(`job:status:${id}`)).toBeGreaterThan(0);
  });

  it('among the consumers are removed', async () => {
    await push('a');
    const consumer = consume();
    await consumer.poll(IDLE);
    await redis.client.zadd('queue:mail:consumers', '-inf', 'lowest', 5, 'foreign', '+inf', 'immortal');
    for (let i = 0; i < 5; i++) {
      await consumer.poll(IDLE);
      await advance(1);
    }
    expect(await driver.counts('mail')).toMatchObject({ ready: 1, reserved: 0 });
    expect(idsOf(await claimRecovered(consumer))).toEqual(['a']);
    expect(await redis.client.zscore('queue:mail:consumers', 'foreign')).toBeNull();
  });

  it('in place of a status count as no status', async () => {
    await redis.client.set('job:status:a', 'foreign');
    await redis.client.set('job:status:b', '{"status":"dancing","updated_at":1}');
    await redis.client.set('job:status:c', 'null');
    await push('a');
    expect(await driver.getStatus('a')).toMatchObject({ state: 'queued', queue: 'mail' });
    for (const id of ['b', 'c']) expect(await driver.getStatus(id)).toBeNull();
  });

  it('in place of a status, and of another type, hold the id: a push of that id adds nothing', async () => {
    await redis.client.rpush('job:status:a', 'foreign');
    const jobs = ['a', 'b'].map((id) => ({ id, name: 'Send', body: 'hSend\n', delay: 0 }));
    expect(await driver.push('mail', jobs, true)).toMatchObject([{ index: 0, id: 'a' }]);
    expect(await driver.counts('mail')).toMatchObject({ ready: 1 });
    expect(await redis.client.lrange('job:status:a', 0, -1)).toEqual(['foreign']);
  });

  it('that repeat the id of a job let it run once for each, and it ends once', async () => {
    await push('a');
    await redis.client.rpush('queue:mail', 'a');
    const consumer = consume();
    const jobs = await claim(consumer);
    expect(idsOf(jobs)).toEqual(['a', 'a']);
    const { refused } = await settle(consumer, ...jobs.map((job) => complete(job)));
    expect(refused).toEqual(['a']);
    expect(await driver.counts('mail')).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
  });
});

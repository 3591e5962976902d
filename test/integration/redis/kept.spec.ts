import { beforeEach, describe, expect, it } from '@jest/globals';
import { RedisKeys } from '../../../lib/drivers/redis/keys.js';
import type { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import { numbered, settlement, TestConsumer } from '../../contract/scene.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import { useRedis } from '../../support/use-redis.js';

const QUEUE = 'mail';
/** The time for which a failed job is kept, in seconds. */
const KEPT = 1_000;

describe('failed jobs that Redis keeps', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  const keys = new RedisKeys(false).of(QUEUE);
  let driver: RedisDriver;
  let consumer: TestConsumer;

  beforeEach(async () => {
    driver = await drivers.connect({ redis: { url: redis.url }, statusTtl: KEPT });
    consumer = new TestConsumer(driver.consume(QUEUE, { lease: 30, onLost: () => undefined }));
  });

  const fail = async (ids: readonly string[], keep?: number): Promise<void> => {
    for (let at = 0; at < ids.length; at += 50) {
      const jobs = ids.slice(at, at + 50).map((id) => ({ id, body: 'hmail\n{}', delay: 0 }));
      await driver.push(QUEUE, jobs, false);
      const ends = (await consumer.claim(50)).map((job) => settlement.fail(job));
      await consumer.settle(...ends.map((end) => Object.assign(end, keep !== undefined && { keep })));
    }
  };
  /** Lets all of them have failed earlier. */
  const age = async (seconds: number): Promise<void> => {
    for (const key of [keys.failed, keys.ownTime]) {
      const ids = await redis.client.zrange(key, '0', '-1');
      const at = String(Date.now() / 1000 - seconds);
      await redis.client.call('ZADD', key, ...ids.flatMap((id) => [at, id]));
    }
  };

  it('are removed behind any number of jobs that are kept longer', async () => {
    await fail(numbered(250, 'a-long'), 10 * KEPT);
    await fail(numbered(250, 'b-short'));
    await fail(numbered(20, 'c-long'), 10 * KEPT);
    await age(KEPT + 1);
    expect(await driver.counts(QUEUE)).toMatchObject({ failed: 270 });
    for (const last of numbered(3, 'd-new')) await fail([last]);
    const left = (await redis.client.zrange(keys.failed, '0', '-1')).map((id) => id.slice(0, 1));
    expect(left.filter((kind) => kind === 'b')).toEqual([]);
    expect(left.length).toBe(273);
    expect(await driver.counts(QUEUE)).toMatchObject({ failed: 273 });
    expect(await redis.client.zcard(keys.ownTime)).toBe(270);
  });
});

describe('a long list of completed jobs', () => {
  const LONG = 10_000;
  const redis = useRedis();
  const drivers = new RedisDrivers();
  const keys = new RedisKeys(false).of(QUEUE);
  let driver: RedisDriver;

  beforeEach(async () => {
    driver = await drivers.connect({ redis: { url: redis.url }, statusTtl: KEPT });
    const ids = numbered(LONG, 'done');
    const begin = Date.now() - 600_000;
    const ended = ids.map((id, index) => ({ id, at: begin + index * 10 }));
    const elements = ended.map(({ id, at }) => `${String(at).padStart(13, '0')}${'0'.repeat(16)}c${id}`);
    const records = ended.flatMap(({ id, at }) => [id, `${at - 1}hmail\n{}`]);
    await redis.client.rpush(keys.completedIds, ...elements);
    await redis.client.hset(keys.jobs, ...records);
    await driver.push(QUEUE, [{ id: 'ready', body: 'hmail\n{}', delay: 0 }], false);
    await driver.push(QUEUE, [{ id: 'later', body: 'hmail\n{}', delay: 60 }], false);
  });

  /** Returns how often lists were read meanwhile, and for how many microseconds. */
  async function readsOf(run: () => Promise<unknown>): Promise<number> {
    await redis.client.config('RESETSTAT');
    await run();
    const info = await redis.client.info('commandstats');
    return Number(/cmdstat_lrange:calls=(\d+)/.exec(info)?.[1] ?? 0);
  }

  it('is not read for a delayed job', async () => {
    expect(await readsOf(() => driver.mending.reschedule(QUEUE, 'later', 50))).toBe(0);
    expect(await readsOf(() => driver.mending.replace(QUEUE, 'later', 'hmail', 'hmail\n1'))).toBe(0);
    expect(await readsOf(() => driver.cancellations.cancel('later'))).toBe(0);
    await driver.push(QUEUE, [{ id: 'latest', body: 'hmail\n{}', delay: 60 }], false);
    expect(await readsOf(() => driver.mending.remove(QUEUE, ['latest']))).toBe(0);
  });

  it('is searched by the time of the push for another job', async () => {
    const steps = Math.ceil(Math.log2(LONG)) + 2;
    const consumer = new TestConsumer(driver.consume(QUEUE, { lease: 30, onLost: () => undefined }));
    expect(await readsOf(() => driver.mending.readWaiting(QUEUE, 'ready'))).toBeLessThanOrEqual(steps);
    expect(await driver.cancellations.cancel('done-009999')).toBeNull();
    expect(await driver.cancellations.cancel('done-000000')).toBeNull();
    expect(await driver.mending.reschedule(QUEUE, 'done-005000', 5)).toBe(false);
    expect(await driver.lists.find('done-000000', [QUEUE])).toMatchObject({ state: 'completed' });
    expect(await driver.lists.find('ready', [QUEUE])).toMatchObject({ state: 'queued' });
    expect(await driver.cancellations.cancel('ready')).toBe('cancelled');
    expect(await consumer.claim()).toEqual([]);
  });

  it('loses the elements of removed jobs, and no others', async () => {
    const gone = [...numbered(20, 'done'), ...numbered(LONG, 'done').slice(-29), 'ready'];
    expect(await driver.mending.remove(QUEUE, gone)).toBe(50);
    expect(await driver.mending.completed(QUEUE)).toEqual(numbered(LONG, 'done').slice(20, -29));
    expect(await driver.mending.remove(QUEUE, ['done-005000'], ['completed'])).toBe(1);
    expect(await redis.client.llen(keys.completedIds)).toBe(LONG - 50);
  });
});

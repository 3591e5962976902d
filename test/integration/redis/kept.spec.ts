import { beforeEach, describe, expect, it } from '@jest/globals';
import { RedisKeys } from '../../../lib/drivers/redis/keys.js';
import type { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import type { Settlement } from '../../../lib/drivers/queue-driver.interface.js';
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
      await consumer.settle(...ends.map((end) => (keep === undefined ? end : ({ ...end, keep } as Settlement))));
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

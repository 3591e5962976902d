import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import type { ClaimedJob } from '../../../lib/drivers/queue-driver.interface.js';
import { claim, claimOne, complete, fail, numbered, release, retry, settle } from '../../contract/scene.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import { RedisTime } from '../../support/redis-time.js';
import { useRedis } from '../../support/use-redis.js';

/** Lua's `unpack` breaks at some 8,000 values, in the middle of a script: nothing may get near that. */
describe('the limits of one script', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let driver: RedisDriver;
  const consume = () => driver.consume('mail', { lease: 30, onLost: () => undefined });
  const push = async (count: number): Promise<void> => {
    const jobs = numbered(count).map((id) => ({ id, body: '', delay: 0 }));
    while (jobs.length > 0) await driver.push('mail', jobs.splice(0, 500), false);
  };

  beforeEach(async () => {
    driver = await drivers.connect({ redis: { url: redis.url } });
  });

  it('reject a poll that exceeds them', async () => {
    await push(2_000);
    const consumer = consume();
    const { claims, settlements, costly } = consumer.limits;
    const jobs: ClaimedJob[] = [];
    while (jobs.length < settlements) jobs.push(...(await claim(consumer, claims)));
    const ways = [fail, retry, release];
    const ends = jobs.map((job, i) => (i < costly ? ways[i % 3]!(job) : complete(job)));
    const result = await consumer.poll({ settlements: ends, limit: claims, recovered: false });
    expect(result).toMatchObject({ lost: false, refused: [], more: true });
    expect(result.jobs).toHaveLength(claims);
  });

  it('let the ids of expired failed jobs be removed in parts', async () => {
    const time = await RedisTime.start(redis.client);
    driver = await drivers.connect({ redis: { url: redis.url }, statusTtl: 60, scriptTime: time.script });
    await push(2);
    const consumer = consume();
    await settle(consumer, fail(await claimOne(consumer)));
    const old = numbered(500, 'old').flatMap((id) => [time.clock.now() / 1000 - 100, id]);
    await redis.client.zadd('queue:mail:failed', ...old);
    expect(await driver.counts('mail')).toMatchObject({ failed: 1 });
    await settle(consumer, fail(await claimOne(consumer)));
    expect(await redis.client.zcard('queue:mail:failed')).toBe(402);
    expect(await driver.counts('mail')).toMatchObject({ failed: 2 });
  });
});

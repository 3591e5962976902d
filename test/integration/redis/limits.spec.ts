import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import type { ClaimedJob } from '../../../lib/drivers/queue-driver.interface.js';
import { claim, claimOne, complete, fail, numbered, release, retry, settle } from '../../contract/scene.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import { RedisTime } from '../../support/redis-time.js';
import { useRedis } from '../../support/use-redis.js';

/** Lua's `unpack` breaks at some 8,000 values, in the middle of a script: nothing may get near that. */
describe('what is too much for one script', () => {
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

  it('is claimed in part: the rest is there for the next poll', async () => {
    await push(5_000);
    const consumer = consume();
    const first = await consumer.poll({ settlements: [], limit: 10_000, recovered: false });
    expect(first.jobs).toHaveLength(1_000);
    expect(first.more).toBe(true);
    expect(await driver.counts('mail')).toEqual({ ready: 4_000, delayed: 0, reserved: 1_000, failed: 0 });
  });

  it('is settled in parts, all of it in one poll of the consumer', async () => {
    await push(5_000);
    const consumer = consume();
    const jobs: ClaimedJob[] = [];
    while (jobs.length < 4_500) jobs.push(...(await claim(consumer, 900)));
    const ways = [complete, fail, retry, release];
    const settlements = jobs.map((job, index) => ways[index % 4]!(job));
    const unknown = complete({ ...jobs[0]!, id: 'unknown' });
    settlements.splice(1_500, 0, unknown);
    await redis.client.config('RESETSTAT');
    const result = await consumer.poll({ settlements, limit: 3, recovered: false });
    // Three of four did not complete, of which 125 go with one call.
    expect(await redis.client.info('commandstats')).toContain('cmdstat_zscore:calls=27,');
    expect(result).toMatchObject({ lost: false, refused: ['unknown'] });
    expect(result.jobs.map((job) => job.id)).toEqual(numbered(5_000).slice(4_500, 4_503));
    expect(await driver.counts('mail')).toEqual({ ready: 2_747, delayed: 0, reserved: 3, failed: 1_125 });
  });

  it('of failed jobs whose status is over is forgotten in parts', async () => {
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

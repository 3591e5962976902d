import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { claimOne, retry, settle } from '../../../contract/scene.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { useRedis } from '../../../support/use-redis.js';

const SINCE = 1_767_225_600_000;

/** The counters of a job, written by an older or a newer version of the library: during a rolling deploy both work one queue. */
describe('the text of the attempts of a job', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let driver: RedisDriver;

  beforeEach(async () => {
    driver = await drivers.connect({ redis: { url: redis.url } });
  });

  it.each([
    ['of a version without times', '2:1:0', { attempt: 3, crashes: 1 }, '3:1:0'],
    ['with a time', `2:1:0:${SINCE}`, { attempt: 3, crashes: 1, waitsSince: SINCE }, `3:1:0:${SINCE}`],
    ['with releases alone', '2:1:0::5', { attempt: 3, crashes: 1, releases: 5 }, '3:1:0::5'],
    [
      'with all that there is',
      `2:1:0:${SINCE}:5`,
      { attempt: 3, crashes: 1, waitsSince: SINCE, releases: 5 },
      `3:1:0:${SINCE}:5`,
    ],
    ['of a later version, with a further field', '2:1:0::5:7:x', { attempt: 3, crashes: 1, releases: 5 }, '3:1:0::5'],
    ['that is not readable', 'x', { attempt: 1, crashes: 0 }, '1:0:0'],
  ])('%s is read by the worker and by its scripts, and no job is lost', async (_, text, told, after) => {
    await driver.push('mail', [{ id: 'a', body: 'body', delay: 0 }], false);
    await redis.client.hset('queue:mail:attempts', 'a', text);
    const consumer = driver.consume('mail', { lease: 30, onLost: () => undefined });
    const job = await claimOne(consumer);
    const { attempt, crashes, waitsSince, releases } = job;
    expect({ attempt, crashes, waitsSince, releases }).toEqual({
      waitsSince: undefined,
      releases: undefined,
      ...told,
    });
    await settle(consumer, retry(job));
    expect(await redis.client.hget('queue:mail:attempts', 'a')).toBe(after);
  });
});

import { afterEach, expect } from '@jest/globals';
import { CLOCK_KEY } from '../support/redis-clock.js';
import { useRedis } from '../support/use-redis.js';
import { RedisHarness } from './redis.harness.js';
import { describeKeys } from './suite.js';

const redis = useRedis();

afterEach(async () => {
  const keys = await redis.client.keys('*');
  expect(keys.filter((key) => key !== CLOCK_KEY && !key.startsWith('shop:'))).toEqual([]);
});
describeKeys(new RedisHarness(redis, 'shop:'));

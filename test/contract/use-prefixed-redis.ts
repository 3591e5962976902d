import { afterEach, expect } from '@jest/globals';
import { CLOCK_KEY } from '../support/redis-clock.js';
import { useRedis } from '../support/use-redis.js';

const PREFIX = 'shop:';

/** Starts a Redis for a file of tests that use a prefix, and expects after each test that no key is without it. */
export function usePrefixedRedis(): [redis: ReturnType<typeof useRedis>, prefix: string] {
  const redis = useRedis();
  afterEach(async () => {
    const keys = await redis.client.keys('*');
    expect(keys.filter((key) => key !== CLOCK_KEY && !key.startsWith(PREFIX))).toEqual([]);
  });
  return [redis, PREFIX];
}

import { useRedis } from '../support/use-redis.js';
import { RedisHarness } from './redis.harness.js';
import { describeDriver } from './suite.js';

// The whole suite without a prefix, for the run with ioredis 5: see `test/compat/nest11/jest.config.mjs`.
describeDriver(new RedisHarness(useRedis()));

import { useRedis } from '../support/use-redis.js';
import { RedisHarness } from './redis.harness.js';
import { describePlaces } from './suite.js';

// Without a prefix, for the run with ioredis 5: see `test/compat/nest11/jest.config.mjs`.
describePlaces(new RedisHarness(useRedis()));

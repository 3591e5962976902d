import { useRedis } from '../support/use-redis.js';
import { RedisHarness } from './redis.harness.js';
import { describeRest } from './suite.js';

// The parts that use every key run once, with a prefix, in `redis-prefix.driver.spec.ts`. Without one they run in `redis-whole.driver.ts`.
describeRest(new RedisHarness(useRedis()));

import { useRedis } from '../support/use-redis.js';
import { RedisHarness } from './redis.harness.js';
import { describeRest } from './suite.js';

// The other parts run once, with a prefix, in `redis-prefix-*.driver.spec.ts`. Without one they run in `redis-places.driver.ts` and `redis-views.driver.ts`.
describeRest(new RedisHarness(useRedis()));

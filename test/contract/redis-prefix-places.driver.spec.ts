import { RedisHarness } from './redis.harness.js';
import { describePlaces } from './suite.js';
import { usePrefixedRedis } from './use-prefixed-redis.js';

describePlaces(new RedisHarness(...usePrefixedRedis()));

import { RedisHarness } from './redis.harness.js';
import { describeViews } from './suite.js';
import { usePrefixedRedis } from './use-prefixed-redis.js';

describeViews(new RedisHarness(...usePrefixedRedis()));

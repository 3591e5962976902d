import { useRedis } from '../support/use-redis.js';
import { RedisHarness } from './redis.harness.js';
import { describeDriver } from './suite.js';

describeDriver(new RedisHarness(useRedis()));

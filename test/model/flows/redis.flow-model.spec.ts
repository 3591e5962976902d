import { afterEach, describe } from '@jest/globals';
import { ScriptFaults } from '../../support/faulty-driver.js';
import { useRedis } from '../../support/use-redis.js';
import { connectRedis } from './connect.js';
import { itFollowsTheFlowModel } from './describe-flow-model.js';

describe('the flows of the Redis driver, while each script arrives twice', () => {
  const redis = useRedis();
  afterEach(() => ScriptFaults.end());
  itFollowsTheFlowModel(() => connectRedis(redis.client, redis.url), 20);
});

import { describe } from '@jest/globals';
import { useRedis } from '../support/use-redis.js';
import { itFollowsTheModel } from './describe-model.js';
import { RedisSubject } from './redis.subject.js';

describe('the Redis driver', () => {
  const redis = useRedis();
  let subject: RedisSubject | undefined;
  itFollowsTheModel(() => (subject ??= new RedisSubject(redis.client)), 150);
});

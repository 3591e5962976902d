import type { Cluster, Redis } from 'ioredis';
import { RedisKeys } from '../../lib/drivers/redis/keys.js';

const COUNT = `return redis.call('HLEN', KEYS[1]) - redis.call('ZCARD', KEYS[2]) - redis.call('LLEN', KEYS[3])`;

/** Counts the jobs of a queue that have not ended: the records of ended jobs are kept beside theirs. */
export async function countLiveJobs(client: Redis | Cluster, queue = 'default'): Promise<number> {
  const { jobs, failed, completedIds } = new RedisKeys(client.isCluster).of(queue);
  return Number(await client.eval(COUNT, 3, jobs, failed, completedIds));
}

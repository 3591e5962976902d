import { afterAll, describe, expect } from '@jest/globals';
import { eventually } from '../../../support/eventually.js';
import { startRedisCluster } from '../../../support/redis-cluster.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { startRedisSentinel } from '../../../support/redis-sentinel.js';
import { together } from '../../../support/together.js';
import { ConsumerProcess } from './consumer-process.js';

/** Each test starts a process, which compiles the library first; in milliseconds. */
const LIMIT = 60_000;

/** As `heartbeat-thread.spec.ts`, where there is more than one server. */
describe('the lease of a consumer that blocks its event loop', () => {
  const drivers = new RedisDrivers(afterAll);

  together(
    {
      async 'is prolonged in a cluster, for queues on each of its nodes'() {
        const cluster = drivers.keep(await startRedisCluster());
        const redis = { cluster: [...cluster.startupNodes] };
        const consumer = await ConsumerProcess.start(drivers, redis, { queues: ['a', 'mail', 'images'] });
        await consumer.expectToKeepItsJobs();
      },

      async 'is prolonged behind Sentinel, on the new master after a failover'() {
        const group = drivers.keep(await startRedisSentinel());
        const redis = { sentinels: [...group.sentinels], name: group.name };
        const consumer = await ConsumerProcess.start(drivers, redis, { lease: 6, block: 4 });
        const replica = drivers.client(group.replica.url);
        const expiry = async (): Promise<number> =>
          Number((await replica.zrange('queue:mail:consumers', '0', '0', 'WITHSCORES'))[1] ?? 0);
        await eventually(async () => (await expiry()) > 0);
        const before = await expiry();
        await group.failover();
        // It has found the new master.
        await eventually(async () => (await expiry()) > before, { timeout: 10_000 });
        const free = await expiry();
        consumer.block();
        await eventually(async () => (await expiry()) > free + 1_000, { timeout: 4_000 });
        expect(await consumer.hear('settled')).toMatchObject({ lost: false, refused: [] });
      },
    },
    LIMIT,
  );
});

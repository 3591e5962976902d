import { afterAll, describe, expect } from '@jest/globals';
import { heartbeatScript } from '../../../../lib/drivers/redis/scripts/heartbeat.script.js';
import { compileScript } from '../../../../lib/drivers/redis/scripts/script.js';
import { eventually } from '../../../support/eventually.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { startRedisCluster } from '../../../support/redis-cluster.js';
import { startRedis, type TestRedis } from '../../../support/redis-server.js';
import { together } from '../../../support/together.js';
import { ConsumerProcess } from './consumer-process.js';

/** Each test starts a process, which compiles the library first; in milliseconds. */
const LIMIT = 60_000;

/** As `heartbeat-thread.spec.ts`, for a process that works many queues. */
describe('the leases of a process that blocks its event loop', () => {
  const drivers = new RedisDrivers(afterAll);
  const queues = (count: number): string[] => Array.from({ length: count }, (_, i) => `tenant-${i}`);

  /** How many connections the server has accepted so far. */
  const accepted = async ({ url }: TestRedis): Promise<number> =>
    Number(/total_connections_received:(\d+)/.exec(await drivers.client(url).info('stats'))![1]);

  together(
    {
      async 'are prolonged on one connection, and by the hash of the script, whatever their number is'() {
        const server = drivers.keep(await startRedis());
        const { host, port } = server;
        const client = drivers.client(server.url);
        // The main thread must not have to load it.
        await client.script('LOAD', compileScript(heartbeatScript).source);
        const consumer = await ConsumerProcess.start(drivers, { host, port }, { queues: queues(1_000), block: 5 });
        const before = await accepted(server);
        await client.config('RESETSTAT');
        const calls = async (command: string): Promise<number> =>
          Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(await client.info('commandstats'))?.[1] ?? 0);
        consumer.block();
        await eventually(async () => (await calls('evalsha')) > 2_000, { timeout: 4_500 });
        expect(await calls('eval')).toBeLessThanOrEqual(1);
        // One for the thread, and those of this test.
        expect((await accepted(server)) - before).toBeLessThanOrEqual(3);
        expect(await consumer.hear('settled')).toMatchObject({ lost: false, refused: [] });
      },

      async 'are prolonged where the server takes only a few clients'() {
        const { host, port } = drivers.keep(await startRedis({ config: ['--maxclients', '12'] }));
        const consumer = await ConsumerProcess.start(drivers, { host, port }, { queues: queues(20) });
        await consumer.expectToKeepItsJobs();
      },

      async 'are prolonged after the server has forgotten the script'() {
        const server = drivers.keep(await startRedis());
        const { host, port } = server;
        const consumer = await ConsumerProcess.start(drivers, { host, port }, { queues: queues(3), block: 6 });
        const client = drivers.client(server.url);
        consumer.block();
        const expiry = async (): Promise<number> =>
          Number((await client.zrange('queue:tenant-1:consumers', '0', '0', 'WITHSCORES'))[1] ?? 0);
        const first = await expiry();
        const isLater = async (than: number): Promise<boolean> => (await expiry()) > than;
        await eventually(() => isLater(first));
        await client.script('FLUSH');
        const flushed = await expiry();
        await eventually(() => isLater(flushed));
        expect(await consumer.hear('settled')).toMatchObject({ lost: false, refused: [] });
      },

      async 'are prolonged on one connection for each node of a cluster'() {
        const cluster = drivers.keep(await startRedisCluster());
        const redis = { cluster: [...cluster.startupNodes] };
        const consumer = await ConsumerProcess.start(drivers, redis, { queues: queues(30) });
        const counts = async (): Promise<number[]> => Promise.all(cluster.nodes.map((node) => accepted(node)));
        await counts();
        const before = await counts();
        await consumer.expectToKeepItsJobs();
        const opened = (await counts()).map((count, i) => count - before[i]!);
        // The connections of the other worker, which has one to wait on, and one of this client.
        for (const count of opened) expect(count).toBeLessThanOrEqual(6);
      },
    },
    LIMIT,
  );
});

import { describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { closeClient } from '../../support/close-client.js';
import { eventually } from '../../support/eventually.js';
import { startRedis } from '../../support/redis-server.js';
import { Chaos } from '../harness/chaos.js';
import { startWorkers } from '../harness/start-workers.js';
import { Load } from '../harness/load.js';
import { sized } from '../harness/size.js';

/** A master that becomes a replica of another server, and master again. Its clients do not know the other server. */
describe('a server that is a replica for a while', () => {
  const chaos = new Chaos();

  it('refuses pushes with a typed error, and workers continue afterwards', async () => {
    const { times, length } = sized({ short: { times: 1, length: 1_500 }, long: { times: 6, length: 4_000 } });
    const config = ['--repl-diskless-sync-delay', '0'];
    await chaos.begin({ config, worker: { lease: 10 } });
    const other = chaos.keep(await startRedis({ config }));
    const client = new Redis(other.url);
    chaos.keep({ stop: async () => closeClient(client) });
    await client.replicaof(chaos.redis.host, chaos.redis.port);
    await startWorkers(chaos, 2, {});
    const load = new Load(await chaos.producerAt(chaos.redis, { requestDeadline: 0.5 }));
    /** Makes a replica the master. FAILOVER waits until the replica has all writes. */
    const handOver = async (from: Redis, to: Redis, { host, port }: { host: string; port: number }): Promise<void> => {
      await eventually(async () => (await to.info('replication')).includes('master_link_status:up'), {
        timeout: 10_000,
      });
      await from.call('FAILOVER', 'TO', host, port);
      await eventually(async () => (await from.info('replication')).includes('role:slave'), { timeout: 10_000 });
    };
    let recovery = 0;
    for (let time = 0; time < times; time++) {
      const { failed } = load;
      await load.more(300);
      await handOver(chaos.client, client, other);
      await pause(length);
      await eventually(() => load.failed > failed);
      await handOver(client, chaos.client, chaos.redis);
      const backAt = Date.now();
      await load.more(10);
      await chaos.drained();
      recovery = Math.max(recovery, Date.now() - backAt);
    }
    await load.stop();
    await chaos.drained();
    const also = { times, 'each, in ms': length, 'pushes failed': load.failed };
    const { figures } = await chaos.expectAllWell({ fault: 'a server that is a replica for a while', recovery, also });
    expect(figures).toMatchObject({ lost: 0, extra: 0, refused: 0 });
    expect(figures.jobs).toBeGreaterThanOrEqual(300 * times);
    expect(load.failed).toBeGreaterThanOrEqual(times);
    expect(['ERR_CONNECTION', 'ERR_UNKNOWN_OUTCOME']).toEqual(expect.arrayContaining(Object.keys(load.failures)));
  });
});

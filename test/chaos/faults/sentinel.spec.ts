import { describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import { rawCommand } from '../../support/raw-redis.js';
import { startRedisSentinel } from '../../support/redis-sentinel.js';
import type { TestRedis } from '../../support/redis-server.js';
import { Chaos } from '../harness/chaos.js';
import { Rounds } from '../harness/rounds.js';
import { untilServed } from '../harness/probe.js';
import { sized } from '../harness/size.js';
import { QuickJob, SlowJob } from '../process/jobs.js';

/** How long the replica gets nothing before the master dies, in milliseconds: less than the time after which sentinels call it down. */
const LAG_MS = 350;
/** How long an acknowledged write may be on its way to the replica, in milliseconds. */
const REPLICATION_MS = 20;

describe('a failover to a replica that lags behind', () => {
  const chaos = new Chaos();

  it('loses only the jobs that were not replicated', async () => {
    const { failovers, burst } = sized({
      short: { failovers: 1, burst: 2_000 },
      long: { failovers: 4, burst: 20_000 },
    });
    const group = chaos.keep(await startRedisSentinel());
    const redis = { sentinels: [...group.sentinels], name: group.name };
    const storage = { redis, client: new Redis(redis) };
    await chaos.begin({ storage, worker: { lease: 1 } });
    await chaos.workers(2);
    // So many jobs at once that the fences exceed the time in milliseconds.
    await chaos.producer.pushMany(QuickJob, Array.from(Array(burst).keys()));
    await chaos.drained();

    const windows: { from: number; to: number }[] = [];
    let [master, replica] = [group.master, group.replica];
    let recovery = 0;
    for (let failover = 1; failover <= failovers; failover++) {
      await inSync(master, replica);
      const load = Rounds.start(async (round) => {
        await chaos.producer.pushMany(
          QuickJob,
          Array.from({ length: 20 }, (_, i) => i),
        );
        await chaos.producer.pushMany(SlowJob, [round % 40, 30]);
        await chaos.producer.push(QuickJob, round, { delay: 1 });
      });
      await pause(200);
      // Workers claim these jobs while the replica gets nothing.
      await chaos.producer.pushMany(
        SlowJob,
        Array.from({ length: 80 }, () => 60),
      );
      const from = Date.now() - REPLICATION_MS;
      await cutOff(master, replica);
      await pause(LAG_MS);
      const to = Date.now();
      windows.push({ from, to });
      master.kill('SIGKILL');
      replica.kill('SIGCONT');
      await eventually(async () => (await group.masterPort()) === replica.port, { timeout: 30_000 });
      recovery = Math.max(recovery, await untilServed(chaos, to));
      await load.stop();
      await chaos.drained();
      [master, replica] = [replica, master];
      if (failover < failovers) await replica.restart();
    }

    const forgotten = (at: number): boolean => windows.some(({ from, to }) => at >= from && at <= to);
    const { pushes } = (await chaos.check({ forgotten })).timeline;
    const unreplicated = [...pushes.values()].filter((job) => job.forgotten).length;
    const { figures } = await chaos.expectAllWell(
      { fault: 'failover to a lagging replica', recovery, also: { failovers, 'pushed unreplicated': unreplicated } },
      { forgotten },
    );
    // Without a lost job the test proves nothing.
    expect(figures.lost).toBeGreaterThan(0);
    expect(figures.lost).toBeLessThanOrEqual(unreplicated);
    expect(figures.extra).toBeGreaterThan(0);
  });
});

/** Resolves when the replica has all writes of the master. */
async function inSync(master: TestRedis, replica: TestRedis): Promise<void> {
  await eventually(
    async () => {
      const info = await rawCommand(master.port, 'INFO', 'replication');
      const [, port, offset] = /port=(\d+),state=online,offset=(\d+)/.exec(info) ?? [];
      return Number(port) === replica.port && offset === /master_repl_offset:(\d+)/.exec(info)?.[1];
    },
    { timeout: 30_000 },
  );
}

/** Stops the replica and cuts its connection, so that it gets no more writes. It keeps those that it has received. */
async function cutOff(master: TestRedis, replica: TestRedis): Promise<void> {
  replica.kill('SIGSTOP');
  await rawCommand(master.port, 'CLIENT', 'KILL', 'TYPE', 'replica');
}

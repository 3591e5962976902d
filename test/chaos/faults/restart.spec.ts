import { describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { Chaos } from '../harness/chaos.js';
import { Rounds } from '../harness/rounds.js';
import { untilServed } from '../harness/probe.js';
import { sized } from '../harness/size.js';
import { QuickJob, SlowJob } from '../process/jobs.js';

/**
 * How long an acknowledged write may stay in the server before the kernel gets it, in milliseconds: with `everysec` a write
 * waits up to two seconds for the last fsync. A kill of the server loses only writes that the kernel does not have.
 */
const UNWRITTEN_MS = { always: 0, everysec: 2_000 } as const;

describe('a server that is killed and comes back', () => {
  const chaos = new Chaos();

  it.each(['always', 'everysec'] as const)('loses only what it had not written (appendfsync %s)', async (fsync) => {
    const { kills, batch } = sized({ short: { kills: 2, batch: 8 }, long: { kills: 12, batch: 60 } });
    await chaos.begin({ config: ['--appendonly', 'yes', '--appendfsync', fsync], worker: { lease: 1 } });
    await chaos.workers(2);
    const load = Rounds.start(async () => {
      await chaos.producer.pushMany(
        QuickJob,
        Array.from({ length: batch }, (_, i) => i),
      );
      await chaos.producer.pushMany(SlowJob, [5, 25]);
    });
    const windows: { from: number; to: number }[] = [];
    let recovery = 0;
    let away = 0;
    for (let kill = 1; kill <= kills; kill++) {
      await pause(sized({ short: 200, long: UNWRITTEN_MS[fsync] + 300 }));
      const killedAt = Date.now();
      chaos.redis.kill('SIGKILL');
      await chaos.redis.restart();
      windows.push({ from: killedAt - UNWRITTEN_MS[fsync], to: killedAt });
      away = Math.max(away, Date.now() - killedAt);
      recovery = Math.max(recovery, await untilServed(chaos, killedAt));
    }
    await load.stop();
    await chaos.drained();
    const forgotten = (at: number): boolean =>
      fsync === 'everysec' && windows.some(({ from, to }) => at >= from && at <= to);
    const { pushes } = (await chaos.check({ forgotten })).timeline;
    const unwritten = [...pushes.values()].filter((job) => job.forgotten).length;
    const { figures } = await chaos.expectAllWell(
      {
        fault: `kill -9 of the server, appendfsync ${fsync}`,
        recovery,
        also: { kills, 'longest away, ms': away, ...(fsync === 'everysec' && { 'pushed in those 2 s': unwritten }) },
      },
      { forgotten },
    );
    // No worker lost its lease: after an outage, workers have a grace to report again.
    expect(figures).toMatchObject({ held: 0, ...(fsync === 'always' && { lost: 0, extra: 0 }) });
    expect(figures.lost).toBeLessThanOrEqual(unwritten);
    expect(figures.jobs).toBeGreaterThan(kills * batch);
  });
});

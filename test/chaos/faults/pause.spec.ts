import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import type { ChaosProcess } from '../harness/chaos-process.js';
import { Chaos } from '../harness/chaos.js';
import { LONG } from '../harness/size.js';
import { SlowJob } from '../process/jobs.js';

/** Seconds; there is a heartbeat every half second. */
const LEASE = 1.5;

describe('workers that stand still for longer than their lease', () => {
  const chaos = new Chaos();

  it('are refused what they say of jobs that others run by now, and go on as new ones', async () => {
    await chaos.begin({ worker: { lease: LEASE } });
    const crew = await chaos.workers(2);
    // Some end before the process notices anything, others after.
    const times = [400, 400, 400, 3_000];
    await chaos.producer.pushMany(SlowJob, times);
    // A push wakes one worker, which takes them all.
    const zombie = await eventually(() => startedAll(crew, times.length), { interval: 2 });
    zombie.pause();
    zombie.lose('paused');
    const heir = crew.find((worker) => worker !== zombie)!;
    const pausedAt = Date.now();
    // One after the other: one of them may be what stopped the zombie.
    await eventually(async () => (await chaos.starts(heir)) === times.length, { timeout: 10_000 });
    const recovery = (await chaos.historyOf(heir)).find(({ type }) => type === 'start')!.at - pausedAt;
    zombie.resume();
    await eventually(async () => (await chaos.told(zombie, 'lease-lost')) === 1);
    // More than the heir can take: the other one goes on as a new consumer.
    const more = Array.from({ length: 40 }, () => 100);
    await chaos.producer.pushMany(SlowJob, more);
    await chaos.drained();
    expect(await chaos.starts(zombie)).toBeGreaterThan(times.length);
    const { figures } = await chaos.expectAllWell({ fault: 'SIGSTOP past the lease, SIGCONT', recovery });
    expect(figures).toMatchObject({ jobs: times.length + more.length, held: times.length, extra: times.length });
    expect(figures.refused).toBe(3);
    expect(recovery).toBeLessThan(LEASE * 1000 + 1000);
  });

  async function startedAll(crew: readonly ChaosProcess[], count: number): Promise<ChaosProcess | false> {
    for (const worker of crew) if ((await chaos.starts(worker)) === count) return worker;
    return false;
  }

  // At full size alone: each pause takes longer than a lease.
  if (!LONG) return;

  it('run over only what they held, again and again under load', async () => {
    const [jobs, pauses] = [20_000, 8];
    await chaos.begin({ worker: { lease: LEASE } });
    const crew = await chaos.workers(3);
    const times = Array.from({ length: jobs }, (_, i) => 5 + (i % 30));
    await chaos.producer.pushMany(SlowJob, times);
    let held = 0;
    for (let pause = 0; pause < pauses; pause++) {
      const zombie = crew[pause % crew.length]!;
      zombie.pause();
      zombie.lose('paused');
      held += await chaos.heldByPaused();
      const end = Date.now() + LEASE * 1500;
      await eventually(() => Date.now() > end);
      zombie.resume();
      await eventually(async () => (await chaos.starts(zombie)) > 0);
    }
    await chaos.drained();
    const { figures } = await chaos.expectAllWell(
      { fault: 'SIGSTOP past the lease under load', also: { pauses } },
      { mostExtraRuns: held },
    );
    expect(figures).toMatchObject({ jobs, lost: 0 });
    expect(figures.extra).toBeGreaterThan(0);
  });
});

import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import type { ChaosProcess } from '../harness/chaos-process.js';
import { Chaos } from '../harness/chaos.js';
import { LONG } from '../harness/size.js';
import { SlowJob } from '../process/jobs.js';

/** Seconds. A worker sends a heartbeat every half second. */
const LEASE = 1.5;

describe('workers that are stopped for longer than their lease', () => {
  const chaos = new Chaos();

  it('cannot settle jobs that others have recovered, and continue as new consumers', async () => {
    await chaos.begin({ worker: { lease: LEASE } });
    const processes = await chaos.workers(2);
    // Three jobs end before the process notices the lost lease, one ends after.
    const times = [400, 400, 400, 3_000];
    await chaos.producer.pushMany(SlowJob, times);
    // A push wakes one worker, which claims all jobs.
    const zombie = await eventually(() => startedAll(processes, times.length), { interval: 2 });
    zombie.pause();
    zombie.markLost('paused');
    const successor = processes.find((worker) => worker !== zombie)!;
    const pausedAt = Date.now();
    // Recovered jobs run one at a time, because one of them may have stopped the zombie.
    await eventually(async () => (await chaos.starts(successor)) === times.length, { timeout: 10_000 });
    const recovery = (await chaos.historyOf(successor)).find(({ type }) => type === 'start')!.at - pausedAt;
    zombie.resume();
    await eventually(async () => (await chaos.countEvents(zombie, 'lease-lost')) === 1);
    // More jobs than the successor can run, so that the zombie has to claim some as a new consumer.
    const more = Array.from({ length: 40 }, () => 100);
    await chaos.producer.pushMany(SlowJob, more);
    await chaos.drained();
    expect(await chaos.starts(zombie)).toBeGreaterThan(times.length);
    const { figures } = await chaos.expectAllWell({ fault: 'SIGSTOP past the lease, SIGCONT', recovery });
    expect(figures).toMatchObject({ jobs: times.length + more.length, held: times.length, extra: times.length });
    expect(figures.refused).toBe(3);
    expect(recovery).toBeLessThan(LEASE * 1000 + 1000);
  });

  async function startedAll(processes: readonly ChaosProcess[], count: number): Promise<ChaosProcess | false> {
    for (const worker of processes) if ((await chaos.starts(worker)) === count) return worker;
    return false;
  }

  // Only at full size, because each pause takes longer than a lease.
  if (!LONG) return;

  it('cause extra runs only of the jobs that they held, again and again under load', async () => {
    const [jobs, pauses] = [20_000, 8];
    await chaos.begin({ worker: { lease: LEASE } });
    const processes = await chaos.workers(3);
    const times = Array.from({ length: jobs }, (_, i) => 5 + (i % 30));
    await chaos.producer.pushMany(SlowJob, times);
    let held = 0;
    for (let pause = 0; pause < pauses; pause++) {
      const zombie = processes[pause % processes.length]!;
      zombie.pause();
      zombie.markLost('paused');
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

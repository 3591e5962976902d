import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { Chaos } from '../harness/chaos.js';
import { sized } from '../harness/size.js';
import { SlowJob } from '../process/jobs.js';

/** Seconds. */
const LEASE = 1;

describe('workers that stand still for longer than their lease', () => {
  const chaos = new Chaos();

  it('are refused what they say of jobs that others run by now, and go on as new ones', async () => {
    await chaos.begin({ worker: { lease: LEASE } });
    const [heir, zombie] = await chaos.workers(2);
    heir!.pause();
    // Some end before the process notices anything, others after.
    const times = [200, 200, 200, 2_500];
    await chaos.producer.pushMany(SlowJob, times);
    await chaos.held(times.length);
    zombie!.pause();
    heir!.resume();
    zombie!.lose('paused');
    const pausedAt = Date.now();
    await eventually(async () => (await chaos.starts(heir!)) === times.length, { timeout: 10_000 });
    const recovery = Date.now() - pausedAt;
    zombie!.resume();
    await eventually(async () => (await chaos.told(zombie!, 'lease-lost')) === 1);
    heir!.pause();
    await chaos.producer.pushMany(SlowJob, [10, 10]);
    await eventually(async () => (await chaos.starts(zombie!)) === times.length + 2);
    heir!.resume();
    await chaos.drained();
    const { figures } = await chaos.expectAllWell({ fault: 'SIGSTOP past the lease, SIGCONT', recovery });
    expect(figures).toMatchObject({ jobs: times.length + 2, held: times.length, extra: times.length, refused: 3 });
  });

  const { jobs, pauses } = sized({ short: { jobs: 0, pauses: 0 }, long: { jobs: 20_000, pauses: 8 } });
  (pauses > 0 ? it : it.skip)('run over only what they held, again and again under load', async () => {
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

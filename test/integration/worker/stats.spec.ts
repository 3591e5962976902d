import { describe, expect, it } from '@jest/globals';
import { FIELDS } from '../../../lib/drivers/redis/stats-fields.js';
import { WorkerScene } from './scene.js';
import { bothStages } from './stage.js';

describe.each(bothStages())('the statistics of a worker on %s', (_, stage) => {
  const scene = new WorkerScene(stage);

  /** What was counted in all, by name. */
  const counted = async (): Promise<Record<string, number>> => {
    const { stats } = scene.driver;
    const { now } = await stats.look('default');
    const periods = await stats.read('default', 'hour', now - 7_200_000, now + 1);
    const sums: Record<string, number> = {};
    for (const { counters } of periods) {
      for (const [counter, count] of counters.entries()) {
        const name = FIELDS[counter]!.replace(/:\d+$/, '');
        if (count > 0) sums[name] = (sums[name] ?? 0) + count;
      }
    }
    return sums;
  };

  const define = (): void =>
    scene.define({
      Works: { handle: () => undefined },
      Fails: { options: { maxTries: 1 }, handle: () => Promise.reject(new Error('no luck')) },
      Releases: { handle: (_data, job) => job.release(3_600) },
    });

  it('count each ended attempt that ran once, with its run and its wait', async () => {
    define();
    const worker = await scene.worker();
    await scene.pushMany(3, 'Works');
    await scene.pushMany(1, 'Fails');
    await scene.pushMany(1, 'Releases');
    await worker.run({ stopWhenEmpty: true });
    expect(await counted()).toEqual({ completed: 3, failed: 1, run: 4, wait: 4 });
  });

  it('count nothing with stats: false', async () => {
    define();
    const worker = await scene.worker({ stats: false });
    await scene.pushMany(3, 'Works');
    await worker.run({ stopWhenEmpty: true });
    expect(await counted()).toEqual({});
  });
});

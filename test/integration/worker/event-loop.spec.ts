import { describe, expect, it } from '@jest/globals';
import { block } from '../../support/block.js';
import type { TestJob } from '../../support/jobs.js';
import { WorkerScene } from './scene.js';
import { bothStages } from './stage.js';

/** Longer than jobs may run without a turn of the event loop, in milliseconds. */
const LONG = 20;
const JOBS = 6;

const KINDS: readonly [kind: string, job: TestJob][] = [
  ['block', { handle: () => block(LONG) }],
  [
    'block after microtasks',
    {
      handle: async () => {
        for (let each = 0; each < 20; each++) await Promise.resolve();
        block(LONG);
      },
    },
  ],
  [
    'block in failed()',
    {
      handle: () => {
        throw new Error('no luck');
      },
      failed: () => block(LONG),
      options: { maxTries: 1 },
    },
  ],
];

describe.each(bothStages())('the event loop beside a worker on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);

  describe.each([1, 10])('of concurrency %d', (concurrency) => {
    it.each(KINDS)('gets its turn between jobs that %s', async (_kind, job) => {
      scene.define({ Long: job });
      await scene.pushMany(JOBS, 'Long');
      const worker = await scene.worker({ worker: { concurrency } });
      let sinceTurn = 0;
      let most = 0;
      worker.reports$.subscribe(() => (most = Math.max(most, ++sinceTurn)));
      let isOver = false;
      const turn = (): void => {
        sinceTurn = 0;
        if (!isOver) setImmediate(turn);
      };
      turn();
      await worker.run({ stopWhenEmpty: true });
      isOver = true;
      expect(most).toBe(1);
    });

    it('is heard between two jobs: a stop in the meantime starts no further job', async () => {
      let runs = 0;
      scene.define({
        Long: {
          handle: () => {
            runs++;
            setTimeout(() => void worker.stop(), 0);
            block(LONG);
          },
        },
      });
      await scene.pushMany(JOBS, 'Long');
      const worker = await scene.worker({ worker: { concurrency } });
      await worker.run({ stopWhenEmpty: true });
      expect(runs).toBe(1);
      expect(await scene.driver.counts('default')).toMatchObject({ ready: JOBS - 1, reserved: 0 });
    });
  });

  it('lets runOnce() run all jobs that it has claimed', async () => {
    scene.define({ Long: { handle: () => block(LONG * 3) } });
    await scene.pushMany(JOBS, 'Long');
    const worker = await scene.worker({ worker: { concurrency: JOBS } });
    expect(await worker.runOnce()).toBe(JOBS);
  });
});

import { describe, expect, it } from '@jest/globals';
import { thrower } from '../../support/thrower.js';
import { QUEUE, WorkerScene } from './scene.js';
import { bothStages } from './stage.js';

describe.each(bothStages())('Worker.runOnce() on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);

  it('runs at most as many ready jobs as the concurrency, and returns their number', async () => {
    scene.define({ Nothing: {} });
    await scene.pushMany(7, 'Nothing');
    const worker = await scene.worker({ worker: { concurrency: 5 } });
    expect(await worker.runOnce()).toBe(5);
    expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 2, reserved: 0 });
    expect(await worker.runOnce()).toBe(2);
    expect(await worker.runOnce()).toBe(0);
    expect(worker.isRunning).toBe(false);
  });

  it('leaves jobs that become ready during its run for the next call', async () => {
    scene.define({
      Pushes: { handle: (left: number) => scene.push('Pushes', left - 1) },
      Unlucky: { handle: thrower(new Error('no luck')), options: { retryDelay: 0, maxTries: 9 } },
      InB: { options: { queue: 'b' } },
    });
    await scene.push('Pushes', 9);
    const unlucky = await scene.push('Unlucky', undefined, { queue: 'b' });
    const worker = await scene.worker();
    for (let time = 1; time <= 3; time++) {
      expect(await worker.runOnce()).toBe(2);
      expect(await scene.status(unlucky)).toMatchObject({ state: 'retrying', attempt: time });
    }
  });

  it('runs the jobs of all queues', async () => {
    scene.define({ InA: { options: { queue: 'a' } }, InB: { options: { queue: 'b' } } });
    for (const queue of ['a', 'b', 'default']) await scene.pushMany(2, 'InA', queue);
    const worker = await scene.worker();
    expect(await worker.runOnce()).toBe(6);
  });

  it('counts failed, released and unknown jobs too', async () => {
    scene.define({
      Unlucky: { handle: thrower(new Error('no luck')) },
      Waits: { handle: (_data, job) => job.release(60) },
    });
    await scene.push('Unlucky');
    await scene.push('Waits');
    await scene.push('Stranger');
    expect(await (await scene.worker()).runOnce()).toBe(3);
    expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, delayed: 3, reserved: 0 });
  });
});

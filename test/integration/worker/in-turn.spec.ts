import { describe, expect, it } from '@jest/globals';
import { Gauge } from '../../support/gauge.js';
import { quiet } from '../../support/quiet.js';
import { WorkerScene } from './scene.js';
import { ArrayStage, bothStages } from './stage.js';

/** Returns the length of the longest run of equal items. */
function longestRow(items: readonly string[]): number {
  let longest = 0;
  let row = 0;
  items.forEach((item, index) => {
    row = item === items[index - 1] ? row + 1 : 1;
    longest = Math.max(longest, row);
  });
  return longest;
}

describe.each(bothStages())('queues without an order on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);

  const defineFor = (done: string[], ...queues: string[]): void => {
    for (const queue of queues) {
      scene.define({ [`For-${queue}`]: { handle: (_data, job) => done.push(job.queue), options: { queue } } });
    }
  };

  it('are the default queue and the queues of the job classes', async () => {
    const done: string[] = [];
    defineFor(done, 'default', 'a', 'b');
    for (const queue of ['a', 'b', 'default', 'c']) await scene.push('For-a', undefined, { queue });
    await (await scene.worker()).run({ stopWhenEmpty: true });
    expect(done.toSorted()).toEqual(['a', 'b', 'default']);
    expect(await scene.driver.counts('c')).toMatchObject({ ready: 1 });
  });

  it.each([1, 2, 3])('are worked in turn at concurrency %d, so that no queue starves', async (concurrency) => {
    const done: string[] = [];
    defineFor(done, 'a', 'b', 'c');
    for (const queue of ['a', 'b', 'c']) await scene.pushMany(30, 'For-a', queue);
    await (await scene.worker({ worker: { concurrency } })).run({ stopWhenEmpty: true });
    expect(done).toHaveLength(90);
    expect(longestRow(done)).toBeLessThanOrEqual(2 * concurrency);
    const early = done.slice(0, 45);
    for (const queue of ['a', 'b', 'c']) {
      expect(early.filter((each) => each === queue).length).toBeGreaterThanOrEqual(15 - 2 * concurrency);
    }
  });

  it('are worked in turn by short runs', async () => {
    const done: string[] = [];
    defineFor(done, 'a', 'b');
    for (const queue of ['a', 'b']) await scene.pushMany(5, 'For-a', queue);
    const worker = await scene.worker({ worker: { concurrency: 1 } });
    for (let run = 0; run < 6; run++) await worker.runOnce();
    expect(done.filter((queue) => queue === 'a').length).toBeGreaterThanOrEqual(2);
    expect(done.filter((queue) => queue === 'b').length).toBeGreaterThanOrEqual(2);
  });
});

describe('a queue that gets a job while another queue has many jobs', () => {
  const stage = new ArrayStage();
  const scene = new WorkerScene(stage);

  it('gets the next free slot before the other queue is empty', async () => {
    const gauge = new Gauge();
    scene.define({
      Many: { handle: (_data, { queue }) => gauge.run(queue) },
      Few: { options: { queue: 'few' } },
    });
    const worker = await scene.worker({ worker: { concurrency: 2 } });
    worker.start();
    await quiet();
    // The worker has found both queues empty. As soon as one of them has jobs, it does not listen to the other one.
    await scene.pushMany(50, 'Many');
    await gauge.runs(2);
    await quiet();
    await scene.push('Many', undefined, { queue: 'few' });
    await stage.clock.advance(0.1);
    gauge.end();
    await gauge.hasStarted(3);
    expect(gauge.running).toEqual(['default', 'few']);
    gauge.endAll();
    await worker.stop({ timeout: 0 });
  });
});

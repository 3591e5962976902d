import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Gauge } from '../../support/gauge.js';
import { WorkerScene } from './scene.js';
import { bothStages } from './stage.js';

describe.each(bothStages())('a worker with a concurrency on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);
  let gauge: Gauge;

  beforeEach(() => {
    gauge = new Gauge();
    scene.define({ Gauged: { handle: (label) => gauge.run(label) } });
  });
  afterEach(() => gauge.endAll());

  it('runs exactly as many jobs at the same time as its concurrency', async () => {
    await scene.pushMany(20, 'Gauged');
    const worker = await scene.worker({ worker: { concurrency: 4 } });
    const run = worker.run({ stopWhenEmpty: true });
    for (let ended = 0; ended < 20; ended++) {
      await gauge.runs(Math.min(4, 20 - ended));
      gauge.end();
    }
    expect(await run).toBe('empty');
    expect(gauge).toMatchObject({ peak: 4, started: 20 });
  });

  it('counts the running jobs of all its queues together', async () => {
    for (const queue of ['a', 'b', 'c']) await scene.pushMany(10, 'Gauged', queue);
    const worker = await scene.worker({ worker: { concurrency: 5 } });
    const run = worker.run({ stopWhenEmpty: true, queues: ['a', 'b', 'c'] });
    for (let ended = 0; ended < 30; ended++) {
      await gauge.runs(Math.min(5, 30 - ended));
      gauge.end();
    }
    expect(await run).toBe('empty');
    expect(gauge).toMatchObject({ peak: 5, started: 30 });
  });

  it('uses the concurrency of the run if the run has one', async () => {
    await scene.pushMany(3, 'Gauged');
    const worker = await scene.worker({ worker: { concurrency: 3 } });
    const run = worker.run({ stopWhenEmpty: true, concurrency: 1 });
    for (let ended = 0; ended < 3; ended++) {
      await gauge.runs(1);
      gauge.end();
    }
    await run;
    expect(gauge.peak).toBe(1);
  });
});

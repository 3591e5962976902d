import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Gauge } from '../../support/gauge.js';
import { eventually } from '../../support/eventually.js';
import { WorkerScene } from './scene.js';
import { bothStages } from './stage.js';

describe.each(bothStages())('a worker with pools on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);
  let slow: Gauge;
  let quick: Gauge;

  beforeEach(() => {
    slow = new Gauge();
    quick = new Gauge();
    scene.define({
      Slow: { handle: (label) => slow.run(label) },
      Quick: { handle: (label) => quick.run(label) },
    });
  });
  afterEach(() => {
    slow.endAll();
    quick.endAll();
  });

  it('gives each queue slots of its own', async () => {
    await scene.pushMany(6, 'Slow', 'images');
    await scene.pushMany(6, 'Quick', 'emails');
    const worker = await scene.worker({ worker: { queues: { images: 2, emails: { concurrency: 3 } } } });
    const run = worker.run({ stopWhenEmpty: true });
    await slow.runs(2);
    // The slots of one queue are full; the jobs of the other one go on.
    for (let ended = 0; ended < 6; ended++) {
      await quick.runs(Math.min(3, 6 - ended));
      quick.end();
    }
    expect(slow).toMatchObject({ started: 2 });
    for (let ended = 0; ended < 6; ended++) {
      await slow.runs(Math.min(2, 6 - ended));
      slow.end();
    }
    expect(await run).toBe('empty');
    expect([slow.peak, quick.peak]).toEqual([2, 3]);
    expect(worker.isRunning).toBe(false);
  });

  it('stops when empty only if no job of a pool has pushed to a pool that was empty before', async () => {
    scene.define({ Pushing: { handle: async () => void (await scene.push('Quick', 1, { queue: 'emails' })) } });
    await scene.push('Pushing', 1, { queue: 'images' });
    const worker = await scene.worker({ worker: { queues: { emails: 1, images: 1 } } });
    const run = worker.run({ stopWhenEmpty: true });
    await quick.runs(1);
    quick.endAll();
    expect(await run).toBe('empty');
    expect(await scene.driver.counts('emails')).toMatchObject({ ready: 0, reserved: 0 });
  });

  it('stops all pools, and pauses a queue of one of them', async () => {
    const worker = await scene.worker({ worker: { queues: { emails: 1, images: 1 } } });
    worker.pause('emails');
    const run = worker.run();
    await scene.push('Quick', 1, { queue: 'emails' });
    await scene.push('Slow', 1, { queue: 'images' });
    await slow.runs(1);
    expect(quick.started).toBe(0);
    worker.resume('emails');
    await quick.runs(1);
    const stopping = worker.stop({ timeout: 30 });
    slow.endAll();
    quick.endAll();
    await stopping;
    expect(await run).toBe('stopped');
  });

  it('changes the slots of a pool while it runs, and keeps them for later runs', async () => {
    await scene.pushMany(9, 'Slow', 'images');
    const worker = await scene.worker({ worker: { queues: { emails: 1, images: 1 }, prefetch: 0 } });
    worker.start();
    await slow.runs(1);
    worker.setConcurrency('images', 3);
    await slow.runs(3);
    worker.setConcurrency('images', 1);
    slow.end();
    slow.end();
    await eventually(async () => expect(await scene.driver.counts('images')).toMatchObject({ reserved: 1 }));
    expect(slow).toMatchObject({ started: 3, peak: 3 });
    const stopping = worker.stop({ timeout: 30 });
    slow.end();
    await stopping;
    worker.setConcurrency('images', 2);
    worker.start();
    await slow.runs(2);
    expect(() => worker.setConcurrency(2)).toThrow('Option "queue": expected the queue of a pool: emails, images');
    expect(() => worker.setConcurrency('other', 2)).toThrow('expected the queue of a pool');
    const last = worker.stop({ timeout: 30 });
    slow.endAll();
    await last;
  });
});

describe.each(bothStages())('setConcurrency() of a worker whose queues share their slots on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);
  const gauge = new Gauge();

  afterEach(() => gauge.endAll());

  it('lets more or fewer jobs run from now on, and interrupts none', async () => {
    scene.define({ Gauged: { handle: (label) => gauge.run(label) } });
    await scene.pushMany(8, 'Gauged');
    const worker = await scene.worker({ worker: { concurrency: 2, prefetch: 0 } });
    for (const wrong of [0, -1, 1.5, 10_001, '5']) {
      expect(() => worker.setConcurrency(wrong as number)).toThrow(
        'Option "concurrency": expected a whole number from 1',
      );
    }
    expect(() => worker.setConcurrency('default', 2)).toThrow('Option "queue": expected no queue');
    const run = worker.run({ stopWhenEmpty: true });
    await gauge.runs(2);
    worker.setConcurrency(4);
    await gauge.runs(4);
    worker.setConcurrency(1);
    for (let left = 3; left >= 1; left--) {
      gauge.end();
      await gauge.runs(left);
    }
    expect(gauge).toMatchObject({ started: 4, peak: 4 });
    for (let left = 5; left >= 1; left--) {
      await gauge.runs(1);
      gauge.end();
    }
    expect(await run).toBe('empty');
    expect(gauge).toMatchObject({ started: 8, peak: 4 });
  });
});

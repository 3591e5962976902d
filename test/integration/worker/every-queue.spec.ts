import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Gauge } from '../../support/gauge.js';
import { WorkerScene } from './scene.js';
import { bothStages } from './stage.js';

describe.each(bothStages())('a worker of every queue on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);
  let jobs: Gauge;

  beforeEach(() => {
    jobs = new Gauge();
    scene.define({ Waiting: { handle: (label) => jobs.run(label) }, Quick: { handle: () => undefined } });
  });
  afterEach(() => jobs.endAll());

  it('works queues that no job class names', async () => {
    await scene.push('Quick', 1, { queue: 'emails' });
    await scene.push('Quick', 1, { queue: 'images' });
    const worker = await scene.worker({ worker: { queues: '*' } });
    expect(await worker.run({ stopWhenEmpty: true })).toBe('empty');
    for (const queue of ['emails', 'images']) {
      expect(await scene.driver.counts(queue)).toMatchObject({ ready: 0, reserved: 0 });
    }
  });

  it('works a queue that appears while it runs', async () => {
    const worker = await scene.worker({ worker: { queues: '*', concurrency: 2 } });
    const run = worker.run();
    await scene.push('Waiting', 1);
    await jobs.runs(1);
    await scene.push('Waiting', 2, { queue: 'later' });
    await stage.pass(2);
    await jobs.runs(2);
    jobs.endAll();
    await worker.stop();
    expect(await run).toBe('stopped');
    expect(await scene.driver.counts('later')).toMatchObject({ ready: 0, reserved: 0 });
  });

  it('ends when empty only if no other queue has appeared', async () => {
    scene.define({ Pushing: { handle: async () => void (await scene.push('Quick', 1, { queue: 'later' })) } });
    await scene.push('Pushing', 1);
    const worker = await scene.worker();
    expect(await worker.run({ queues: '*', stopWhenEmpty: true })).toBe('empty');
    expect(await scene.driver.counts('later')).toMatchObject({ ready: 0, reserved: 0 });
  });

  it('looks once with runOnce(), at each queue', async () => {
    await scene.push('Quick', 1, { queue: 'emails' });
    await scene.push('Quick', 1, { queue: 'images' });
    const worker = await scene.worker({ worker: { queues: '*' } });
    expect(await worker.runOnce()).toBe(2);
    expect(await worker.runOnce()).toBe(0);
  });

  it('keeps a queue paused that appears while all are paused in this process', async () => {
    const worker = await scene.worker({ worker: { queues: '*' } });
    worker.pause();
    const run = worker.run();
    await scene.push('Waiting', 1, { queue: 'later' });
    await stage.pass(2);
    expect(jobs.started).toBe(0);
    worker.resume();
    await stage.pass(2);
    await jobs.runs(1);
    jobs.endAll();
    await worker.stop();
    expect(await run).toBe('stopped');
  });

  it('stops while the first look at the queues is under way', async () => {
    const worker = await scene.worker({
      worker: { queues: '*' },
      wrap: (driver) => Object.assign(Object.create(driver), { queues: () => new Promise(() => undefined) }),
    });
    const run = worker.run();
    await worker.stop();
    expect(await run).toBe('stopped');
  });

  it('goes on if the list of queues cannot be read', async () => {
    await scene.push('Quick', 1);
    const worker = await scene.worker({
      worker: { queues: '*' },
      wrap: (driver) => Object.assign(Object.create(driver), { queues: () => Promise.reject(new Error('away')) }),
    });
    expect(await worker.run({ stopWhenEmpty: true })).toBe('empty');
    expect(await scene.driver.counts('default')).toMatchObject({ ready: 0, reserved: 0 });
  });
});

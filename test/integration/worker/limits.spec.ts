import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Gauge } from '../../support/gauge.js';
import { quiet } from '../../support/quiet.js';
import { QUEUE, WorkerScene } from './scene.js';
import { ArrayStage, bothStages } from './stage.js';

describe.each(bothStages())('Worker.run() on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);

  it('ends with stopWhenEmpty when no job is ready, due or running', async () => {
    scene.define({ Nothing: {} });
    await scene.pushMany(5, 'Nothing');
    await scene.push('Nothing', undefined, { delay: 3600 });
    expect(await (await scene.worker()).run({ stopWhenEmpty: true })).toBe('empty');
    expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 1, reserved: 0, failed: 0 });
  });

  it('ends at once with stopWhenEmpty if there is no job', async () => {
    expect(await (await scene.worker()).run({ stopWhenEmpty: true })).toBe('empty');
  });

  it('runs the jobs that its jobs push, in any queue, before it ends', async () => {
    const done: unknown[] = [];
    scene.define({
      Chain: {
        handle: async (left: number, { queue }) => {
          done.push(queue);
          if (left > 0) await scene.push('Chain', left - 1, { queue: queue === 'a' ? 'b' : 'a' });
        },
        options: { queue: 'a' },
      },
      InB: { options: { queue: 'b' } },
    });
    await scene.push('Chain', 6, { queue: 'b' });
    expect(await (await scene.worker()).run({ stopWhenEmpty: true })).toBe('empty');
    expect(done.join('')).toBe('bababab');
  });

  it.each([1, 3, 4])(
    'ends after maxJobs jobs at concurrency %d, and leaves the rest in the queue',
    async (concurrency) => {
      scene.define({ Nothing: {} });
      for (const queue of ['a', 'b']) await scene.pushMany(6, 'Nothing', queue);
      const worker = await scene.worker({ worker: { queues: ['a', 'b'], concurrency } });
      expect(await worker.run({ maxJobs: 7 })).toBe('max-jobs');
      expect(await scene.driver.counts('a')).toMatchObject({ ready: 0, reserved: 0 });
      expect(await scene.driver.counts('b')).toMatchObject({ ready: 5, reserved: 0 });
    },
  );

  it('ends when the worker is stopped', async () => {
    const worker = await scene.worker();
    const run = worker.run();
    await worker.stop();
    expect(await run).toBe('stopped');
  });
});

describe('Worker.run()', () => {
  const stage = new ArrayStage();
  const scene = new WorkerScene(stage);
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('claims no more jobs after maxTime, and ends when its running jobs have ended', async () => {
    const gauge = new Gauge();
    scene.define({ Gauged: { handle: () => gauge.run() } });
    await scene.pushMany(3, 'Gauged');
    const worker = await scene.worker({ worker: { concurrency: 1 } });
    const run = worker.run({ maxTime: '10s' });
    await gauge.runs(1);
    await stage.clock.advance(5);
    gauge.end();
    await gauge.hasStarted(2);
    await stage.clock.advance(3600);
    expect(gauge).toMatchObject({ started: 2, running: [undefined] });
    gauge.end();
    expect(await run).toBe('max-time');
    expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 1, reserved: 0 });
  });

  it('ends after maxTime even if each of its jobs pushes another one', async () => {
    let runs = 0;
    scene.define({
      Forever: {
        handle: async () => {
          runs++;
          await scene.push('Forever');
        },
      },
    });
    await scene.push('Forever');
    const worker = await scene.worker({ worker: { concurrency: 1 } });
    const run = worker.run({ maxTime: 10 });
    await stage.clock.advance(10);
    expect(await run).toBe('max-time');
    expect(runs).toBeGreaterThan(1);
    expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 1, reserved: 0 });
  });

  it('ends when the process needs more than maxMemory', async () => {
    const rss = jest.spyOn(process.memoryUsage, 'rss').mockReturnValue(100);
    const worker = await scene.worker();
    const run = worker.run({ maxMemory: 1_000 });
    await stage.clock.advance(10);
    expect(worker.isRunning).toBe(true);
    rss.mockReturnValue(1_001);
    await stage.clock.advance(1);
    expect(await run).toBe('max-memory');
  });

  it('ends earlier if it waits for its last job and is stopped with a timeout', async () => {
    const gauge = new Gauge();
    scene.define({ Gauged: { handle: () => gauge.run() } });
    await scene.pushMany(1, 'Gauged');
    const worker = await scene.worker();
    const run = worker.run({ maxJobs: 1 });
    await gauge.runs(1);
    await quiet();
    const stop = worker.stop({ timeout: 5 });
    await stage.clock.advance(5.5);
    await stop;
    expect(await run).toBe('max-jobs');
    expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 1, reserved: 0 });
  });

  it('waits for a delayed job until maxJobs jobs have run', async () => {
    const gauge = new Gauge();
    scene.define({ Gauged: { handle: () => gauge.run() } });
    await scene.push('Gauged', undefined, { delay: 30 });
    const run = (await scene.worker()).run({ maxJobs: 1 });
    await stage.clock.advance(30);
    await gauge.runs(1);
    gauge.end();
    expect(await run).toBe('max-jobs');
  });
});

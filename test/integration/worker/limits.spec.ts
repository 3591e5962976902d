import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Gauge } from '../../support/gauge.js';
import { quiet } from '../../support/quiet.js';
import { QUEUE, WorkerScene } from './scene.js';
import { ArrayStage, bothStages } from './stage.js';

describe.each(bothStages())('a run on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);

  it('ends when nothing is ready, runs or is due', async () => {
    scene.define({ Nothing: {} });
    await scene.pushMany(5, 'Nothing');
    await scene.push('Nothing', undefined, { delay: 3600 });
    expect(await (await scene.worker()).run({ stopWhenEmpty: true })).toBe('empty');
    expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, delayed: 1, reserved: 0, failed: 0 });
  });

  it('ends at once when there is nothing at all', async () => {
    expect(await (await scene.worker()).run({ stopWhenEmpty: true })).toBe('empty');
  });

  it('does not end before what its jobs push has been worked, whatever the queue', async () => {
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

  it.each([1, 3, 4])('ends after so many jobs at concurrency %d, and leaves the rest', async (concurrency) => {
    scene.define({ Nothing: {} });
    for (const queue of ['a', 'b']) await scene.pushMany(6, 'Nothing', queue);
    const worker = await scene.worker({ worker: { queues: ['a', 'b'], concurrency } });
    expect(await worker.run({ maxJobs: 7 })).toBe('max-jobs');
    expect(await scene.driver.counts('a')).toMatchObject({ ready: 0, reserved: 0 });
    expect(await scene.driver.counts('b')).toMatchObject({ ready: 5, reserved: 0 });
  });

  it('ends when it is stopped', async () => {
    const worker = await scene.worker();
    const run = worker.run();
    await worker.stop();
    expect(await run).toBe('stopped');
  });
});

describe('a run', () => {
  const stage = new ArrayStage();
  const scene = new WorkerScene(stage);
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('ends when its time is up, and waits for running jobs as long as they take', async () => {
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

  it('ends in time even if its jobs keep it busy without end', async () => {
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

  it('ends when it takes too much memory', async () => {
    const rss = jest.spyOn(process.memoryUsage, 'rss').mockReturnValue(100);
    const worker = await scene.worker();
    const run = worker.run({ maxMemory: 1_000 });
    await stage.clock.advance(10);
    expect(worker.isRunning).toBe(true);
    rss.mockReturnValue(1_001);
    await stage.clock.advance(1);
    expect(await run).toBe('max-memory');
  });

  it('that waits for its last jobs can still be hastened', async () => {
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

  it('goes on after a delayed job is due', async () => {
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

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Gauge } from '../../support/gauge.js';
import { quiet } from '../../support/quiet.js';
import { Recorder } from '../../support/recorder.js';
import { QUEUE, WorkerScene } from './scene.js';
import { ArrayStage, bothStages } from './stage.js';

/** The command and the application may load two copies of the library: both find the flag under this name. */
const MANUAL = Symbol.for('nestjs-job-queue:manual-worker');

describe.each(bothStages())('a worker on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);

  it('runs once if it is started several times', async () => {
    const gauge = new Gauge();
    scene.define({ Gauged: { handle: () => gauge.run() } });
    await scene.pushMany(4, 'Gauged');
    const worker = await scene.worker({ worker: { concurrency: 2 } });
    worker.start();
    worker.start();
    await gauge.runs(2);
    worker.start();
    expect(gauge.started).toBe(2);
    const stop = worker.stop();
    gauge.endAll();
    await stop;
    expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 2, reserved: 0 });
  });

  it('can be started again after each stop', async () => {
    const done = new Recorder<number>();
    scene.define({ Count: { handle: (data: number) => done.add(data) } });
    const worker = await scene.worker();
    for (let round = 1; round <= 5; round++) {
      expect(worker.isRunning).toBe(false);
      worker.start();
      expect(worker.isRunning).toBe(true);
      await scene.pushMany(1, 'Count');
      await done.has(round);
      await worker.stop();
      expect(worker.isRunning).toBe(false);
    }
  });

  it('can be stopped twice, and before it was started', async () => {
    const worker = await scene.worker();
    await worker.stop();
    worker.start();
    await Promise.all([worker.stop(), worker.stop()]);
    await worker.stop();
    expect(worker.isRunning).toBe(false);
  });

  it('can be run after a stop, and started after a run', async () => {
    const done = new Recorder<number>();
    scene.define({ Count: { handle: (data: number) => done.add(data) } });
    const worker = await scene.worker();
    worker.start();
    await worker.stop();
    await scene.pushMany(1, 'Count');
    expect(await worker.run({ stopWhenEmpty: true })).toBe('empty');
    expect(worker.isRunning).toBe(false);
    worker.start();
    await scene.pushMany(1, 'Count');
    await done.has(2);
  });
});

describe('a worker', () => {
  const scene = new WorkerScene(new ArrayStage());
  let gauge: Gauge;

  beforeEach(() => {
    gauge = new Gauge();
    scene.define({ Gauged: { handle: () => gauge.run() } });
  });
  afterEach(() => gauge.endAll());

  it('is running until its last job has ended', async () => {
    await scene.pushMany(1, 'Gauged');
    const worker = await scene.worker();
    worker.start();
    await gauge.runs(1);
    const stop = worker.stop();
    await quiet();
    expect(worker.isRunning).toBe(true);
    gauge.end();
    await stop;
    expect(worker.isRunning).toBe(false);
  });

  it('refuses run() and runOnce() while it is started', async () => {
    const worker = await scene.worker();
    worker.start();
    const refused = { code: 'ERR_INVALID_OPTION' };
    await expect(worker.run()).rejects.toMatchObject(refused);
    await expect(worker.runOnce()).rejects.toMatchObject(refused);
    await worker.stop();
  });

  it.each([
    [{ maxJobs: 0 }, 'maxJobs'],
    [{ maxJobs: 1.5 }, 'maxJobs'],
    [{ maxTime: -1 }, 'maxTime'],
    [{ maxTime: 'soon' }, 'maxTime'],
    [{ maxMemory: Number.NaN }, 'maxMemory'],
    [{ concurrency: 0 }, 'concurrency'],
    [{ maxTries: 0 }, 'maxTries'],
    [{ timeout: Infinity }, 'timeout'],
    [{ queues: [] }, 'queues'],
    [{ queues: ['a', 'b', 'a'] }, 'queues'],
  ])('refuses to run with %j, and runs later with valid options', async (options, option) => {
    const worker = await scene.worker();
    await expect(worker.run(options as never)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION', option });
    expect(worker.isRunning).toBe(false);
    expect(await worker.run({ stopWhenEmpty: true })).toBe('empty');
  });

  it('refuses an invalid queue name and an invalid timeout', async () => {
    const worker = await scene.worker();
    await expect(worker.run({ queues: ['a:b'] })).rejects.toMatchObject({ code: 'ERR_INVALID_QUEUE_NAME' });
    await expect(worker.stop({ timeout: 'never' as never })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
  });

  describe('in an application', () => {
    afterEach(() => {
      Reflect.deleteProperty(globalThis, MANUAL);
    });

    it('starts when the application has started', async () => {
      const worker = await scene.worker();
      worker.startWithApplication();
      expect(worker.isRunning).toBe(true);
    });

    it.each([false, { enabled: false }] as const)('does not start with the option %j', async (option) => {
      const worker = await scene.worker({ worker: option });
      worker.startWithApplication();
      expect(worker.isRunning).toBe(false);
      await worker.drain('SIGTERM');
    });

    it('does not start if the queue-worker command starts it by hand', async () => {
      Reflect.set(globalThis, MANUAL, true);
      const worker = await scene.worker();
      worker.startWithApplication();
      expect(worker.isRunning).toBe(false);
    });
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import { deferred } from '../../support/deferred.js';
import { Gauge } from '../../support/gauge.js';
import { quiet } from '../../support/quiet.js';
import { QUEUE, WorkerScene } from './scene.js';
import { ArrayStage } from './stage.js';

describe('Worker.stop()', () => {
  const stage = new ArrayStage();
  const scene = new WorkerScene(stage);
  let gauge: Gauge;

  beforeEach(() => {
    gauge = new Gauge();
  });

  /** Records when a promise is fulfilled, so that a test can look while the clock stands still. */
  function watch(promise: Promise<unknown>): { over: boolean } {
    const state = { over: false };
    void promise.then(() => (state.over = true));
    return state;
  }

  it('waits for running jobs, and claims no more jobs', async () => {
    scene.define({ Gauged: { handle: (label) => gauge.run(label) } });
    const ids = await scene.pushMany(5, 'Gauged');
    const worker = await scene.worker({ worker: { concurrency: 2 } });
    worker.start();
    await gauge.runs(2);
    const stop = watch(worker.stop({ timeout: 60 }));
    await stage.clock.advance(30);
    expect(stop.over).toBe(false);
    gauge.end();
    await quiet();
    expect(gauge.started).toBe(2);
    expect(stop.over).toBe(false);
    gauge.end();
    await quiet();
    expect(stop.over).toBe(true);
    const states = await Promise.all(ids.map(async (id) => (await scene.status(id))?.state));
    expect(states).toEqual(['completed', 'completed', 'queued', 'queued', 'queued']);
  });

  it('aborts running jobs after its timeout, and requeues them in their order without counting the attempt', async () => {
    const reasons: unknown[] = [];
    scene.define({
      Deaf: {
        handle: (_data, { signal }) => {
          signal.addEventListener('abort', () => reasons.push(signal.reason));
          return gauge.run();
        },
      },
    });
    const ids = await scene.pushMany(5, 'Deaf');
    const worker = await scene.worker({ worker: { concurrency: 3 } });
    const reports: unknown[] = [];
    worker.reports$.subscribe(({ id, outcome, duration }) => reports.push({ id, outcome, duration }));
    worker.start();
    await gauge.runs(3);
    const stop = watch(worker.stop({ timeout: 10 }));
    await stage.clock.advance(9.999);
    expect(reasons).toEqual([]);
    await stage.clock.advance(0.001);
    expect(reasons).toEqual(Array(3).fill(expect.objectContaining({ code: 'ERR_SHUTDOWN' })));
    expect(stop.over).toBe(false);
    await stage.clock.advance(0.5);
    expect(stop.over).toBe(true);
    expect(reports).toEqual(ids.slice(0, 3).map((id) => ({ id, outcome: 'requeued', duration: 10_500 })));
    expect(scene.logger.of('warn')).toEqual(ids.slice(0, 3).map((id) => expect.stringContaining(`Deaf ${id}`)));
    gauge.endAll();
    await quiet();
    expect(reports).toHaveLength(3);

    const again: string[] = [];
    scene.define({ Other: {} });
    const next = await scene.worker({ worker: { concurrency: 5 } });
    next.reports$.subscribe(({ id, attempt, outcome }) => again.push(`${id} ${attempt} ${outcome}`));
    const run = next.run({ stopWhenEmpty: true });
    await gauge.runs(5);
    gauge.endAll();
    await run;
    expect(again).toEqual(ids.map((id) => `${id} 1 completed`));
  });

  it('settles a job as its handler ends it after the abort', async () => {
    scene.define({
      Obeys: {
        handle: (how: string, { signal }) =>
          new Promise<void>((resolve, reject) => {
            signal.addEventListener('abort', () => (how === 'returns' ? resolve() : reject(signal.reason as Error)));
          }),
        options: { maxTries: 1 },
      },
    });
    const returns = await scene.push('Obeys', 'returns');
    const throws = await scene.push('Obeys', 'throws');
    const worker = await scene.worker();
    worker.start();
    await quiet();
    await worker.stop({ timeout: 0 });
    expect(await scene.status(returns)).toMatchObject({ state: 'completed', attempt: 1 });
    expect(await scene.status(throws)).toMatchObject({ state: 'queued', attempt: 0 });
  });

  it('requeues a job whose handler ignores the abort, and ignores its late end', async () => {
    const end = deferred();
    scene.define({ Deaf: { handle: () => end.promise } });
    const id = await scene.push('Deaf');
    const worker = await scene.worker();
    worker.start();
    await quiet();
    const stop = worker.stop({ timeout: 0 });
    await stage.clock.advance(0.5);
    await stop;
    end.resolve();
    await quiet();
    expect(await scene.status(id)).toMatchObject({ state: 'queued' });
    expect(worker.isRunning).toBe(false);
  });

  it('lets a running job push another job', async () => {
    scene.define({
      First: {
        handle: async () => {
          await gauge.run();
          await scene.push('Second', 'pushed while draining');
        },
      },
      Second: {},
    });
    await scene.push('First');
    const worker = await scene.worker();
    worker.start();
    await gauge.runs(1);
    const stop = worker.stop();
    gauge.end();
    await stop;
    expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 1, reserved: 0 });
  });

  it('ends after the shortest timeout of several calls', async () => {
    scene.define({ Deaf: { handle: () => gauge.run() } });
    await scene.push('Deaf');
    const worker = await scene.worker();
    worker.start();
    await gauge.runs(1);
    const stops = [worker.stop({ timeout: 60 }), worker.stop({ timeout: 5 }), worker.stop({ timeout: 120 })];
    const state = watch(Promise.all(stops));
    await stage.clock.advance(5.499);
    expect(state.over).toBe(false);
    await stage.clock.advance(0.001);
    expect(state.over).toBe(true);
    await worker.stop();
  });

  it('ends an earlier stop at once if it is called again with 0', async () => {
    scene.define({ Deaf: { handle: () => gauge.run() } });
    await scene.push('Deaf');
    const worker = await scene.worker();
    worker.start();
    await gauge.runs(1);
    const stop = watch(worker.stop({ timeout: '10m' }));
    await stage.clock.advance(60);
    void worker.stop({ timeout: 0 });
    await stage.clock.advance(0.5);
    expect(stop.over).toBe(true);
  });

  it('waits for shutdownTimeout if it is called without a timeout', async () => {
    scene.define({ Deaf: { handle: () => gauge.run() } });
    await scene.push('Deaf');
    const worker = await scene.worker({ worker: { shutdownTimeout: 7 } });
    worker.start();
    await gauge.runs(1);
    const stop = watch(worker.stop());
    await stage.clock.advance(7.499);
    expect(stop.over).toBe(false);
    await stage.clock.advance(0.001);
    expect(stop.over).toBe(true);
  });

  it('leaves no timer of a requeued job', async () => {
    scene.define({ Deaf: { handle: () => gauge.run(), options: { timeout: 3600 } } });
    await scene.push('Deaf');
    const worker = await scene.worker();
    worker.start();
    await gauge.runs(1);
    const stop = worker.stop({ timeout: 0 });
    await stage.clock.advance(0.5);
    await stop;
    expect(stage.clock.pending).toBe(0);
  });

  it('can be called by a job of the worker', async () => {
    scene.define({ Stops: { handle: () => void worker.stop() }, Other: {} });
    await scene.push('Stops');
    await scene.pushMany(3, 'Other');
    const worker = await scene.worker({ worker: { concurrency: 2 } });
    expect(await worker.run()).toBe('stopped');
    expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 3, reserved: 0 });
  });
});

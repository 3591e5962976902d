import { describe, expect, it } from '@jest/globals';
import { release } from '../../contract/settlements.js';
import { eventually } from '../../support/eventually.js';
import { Gauge } from '../../support/gauge.js';
import { quiet } from '../../support/quiet.js';
import { Recorder } from '../../support/recorder.js';
import { Calls, type Items } from './chunks/calls.js';
import { QUEUE, WorkerScene } from './scene.js';
import { ArrayStage, bothStages } from './stage.js';

/** Seconds; the storage of some tests has no clock that a test could move. */
const SHORT = 0.25;

describe.each(bothStages())('a queue that a job holds back, on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);

  it('starts no other job that its worker has claimed, and starts them when the hold is over', async () => {
    const starts = new Recorder<readonly [at: number, data: number]>();
    scene.define({
      Quick: {
        handle: (data, job) => {
          starts.add([stage.clock.now(), data as number]);
          if (data === 30 && job.releases === 0) job.release(SHORT, { hold: 'queue' });
        },
      },
    });
    await scene.pushMany(100, 'Quick');
    (await scene.worker({ worker: { concurrency: 1, prefetch: 20 } })).start();
    await starts.has(30);
    await eventually(async () =>
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, blocked: 70, delayed: 1, reserved: 0 }),
    );
    expect(starts.items).toHaveLength(30);
    await stage.pass(SHORT);
    await starts.has(101);
    // Then they start in their order, and the released one behind them.
    expect(starts.items.slice(30).map(([, data]) => data)).toEqual([
      ...Array.from({ length: 70 }, (_, i) => i + 31),
      30,
    ]);
    // Clocks of two machines differ, and so may the roundings of one.
    expect(starts.items[30]![0] - starts.items[29]![0]).toBeGreaterThanOrEqual(SHORT * 1000 - 2);
  });

  it('gives back what other workers have claimed and not started, and lets running jobs end', async () => {
    const gauge = new Gauge();
    scene.define({ Quick: {}, Gauged: { handle: (_data, { id }) => gauge.run(id) } });
    (await scene.worker({ worker: { concurrency: 1, prefetch: 10 } })).start();
    await scene.pushMany(1, 'Quick');
    await scene.pushMany(10, 'Gauged');
    await gauge.runs(1);
    const other = scene.driver.consume(QUEUE, { lease: 30, onLost: () => undefined });
    const { jobs } = await other.poll({ settlements: [], limit: 1, recovered: false });
    const settlements = jobs.map((job) => release(job, { delay: 60, hold: 'queue' }));
    await other.poll({ settlements, limit: 0, recovered: false });
    await eventually(async () =>
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ blocked: 8, delayed: 1, reserved: 1 }),
    );
    gauge.endAll();
    await eventually(async () => expect(await scene.driver.counts(QUEUE)).toMatchObject({ blocked: 8, reserved: 0 }));
    expect(gauge.running).toEqual([]);
  });

  it('goes on when an operator ends the hold', async () => {
    const done = new Recorder<string>();
    scene.define({
      Told: { handle: (_data, job) => job.release(60, { hold: 'queue' }) },
      Mark: { handle: () => done.add('done') },
    });
    for (const worker of [await scene.worker(), await scene.worker()]) worker.start();
    const id = await scene.push('Told');
    await eventually(async () => expect(await scene.status(id)).toMatchObject({ state: 'delayed' }));
    await scene.pushMany(3, 'Mark');
    await eventually(async () => expect(await scene.driver.counts(QUEUE)).toMatchObject({ blocked: 3 }));
    await quiet();
    expect(done.items).toEqual([]);
    expect(await scene.driver.limits.endHold(QUEUE)).toBe(true);
    await done.has(3);
  });

  it('calls no chunk while an item holds it back', async () => {
    const calls = new Calls();
    const handle = (items: Items): void => {
      for (const item of items) if (item.data === 1) item.release(60, { hold: 'queue' });
    };
    scene.define({ Index: calls.job({}, { handle }) });
    const ids = await scene.pushMany(2, 'Index');
    const worker = await scene.worker();
    await worker.runOnce();
    await scene.pushMany(2, 'Index');
    await worker.runOnce();
    expect(calls.sizes).toEqual([2]);
    expect(await Promise.all(ids.map(async (id) => (await scene.status(id))?.state))).toEqual(['delayed', 'completed']);
  });
});

describe('a queue that a job holds back', () => {
  const stage = new ArrayStage();
  const scene = new WorkerScene(stage);

  it('wakes its workers at the end of the hold, to the millisecond', async () => {
    const done = new Recorder<string>();
    scene.define({
      Told: { handle: (_data, job) => (job.releases === 0 ? job.release('30s', { hold: 'queue' }) : done.add('told')) },
      Mark: { handle: () => done.add('mark') },
    });
    for (const worker of [await scene.worker(), await scene.worker()]) worker.start();
    await scene.push('Told');
    await quiet();
    await scene.pushMany(2, 'Mark');
    await quiet();
    await stage.pass(29.999);
    await quiet();
    expect(done.items).toEqual([]);
    await stage.pass(0.001);
    expect(await done.has(3)).toEqual(['mark', 'mark', 'told']);
  });

  it('is waited for by a run with stopWhenEmpty, if jobs are ready', async () => {
    let ran = 0;
    scene.define({
      Told: { handle: (_data, job) => job.release('30s', { hold: 'queue' }) },
      Mark: { handle: () => void ran++ },
    });
    await scene.push('Told');
    await scene.pushMany(2, 'Mark');
    let ended = false;
    const worker = await scene.worker({ worker: { concurrency: 1 } });
    const run = worker.run({ stopWhenEmpty: true }).finally(() => (ended = true));
    await quiet();
    expect({ ran, ended }).toEqual({ ran: 0, ended: false });
    await stage.pass(30);
    await run;
    expect(ran).toBe(2);
  });

  it('lets jobs of other queues run meanwhile, also of those behind it in strict order', async () => {
    const done = new Recorder<string>();
    scene.define({
      Told: { handle: (_data, job) => job.release('30s', { hold: 'queue' }) },
      Mark: { handle: (_data, { queue }) => done.add(queue) },
    });
    const worker = await scene.worker({ worker: { queues: ['high', 'low'], concurrency: 1 } });
    worker.start();
    await scene.push('Told', undefined, { queue: 'high' });
    await quiet();
    await scene.pushMany(2, 'Mark', 'high');
    await scene.pushMany(2, 'Mark', 'low');
    expect(await done.has(2)).toEqual(['low', 'low']);
    await stage.pass(30);
    await done.has(4);
  });

  it('is told of once', async () => {
    scene.define({ Told: { handle: (_data, job) => job.release('30s', { hold: 'queue' }) } });
    (await scene.worker()).start();
    await scene.push('Told');
    await quiet();
    await scene.push('Told');
    await quiet();
    expect(scene.logger.of('log').filter((line) => line.includes('held back'))).toHaveLength(1);
  });

  it('is not held back by a job that fails, because it may not be released again', async () => {
    const done = new Recorder<string>();
    scene.define({
      Told: { handle: (_data, job) => job.release('30s', { hold: 'queue' }), options: { maxReleases: 0 } },
      Mark: { handle: () => done.add('mark') },
    });
    (await scene.worker()).start();
    await scene.push('Told');
    await scene.push('Mark');
    await done.has(1);
  });
});

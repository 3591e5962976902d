import { describe, expect, it } from '@jest/globals';
import type { QueueDriver } from '../../../../lib/drivers/queue-driver.interface.js';
import { eventually } from '../../../support/eventually.js';
import { Gauge } from '../../../support/gauge.js';
import { quiet } from '../../../support/quiet.js';
import { Recorder } from '../../../support/recorder.js';
import { tapped } from '../../../support/tapped-driver.js';
import { QUEUE, WorkerScene } from '../scene.js';
import { ArrayStage, bothStages } from '../stage.js';
import { Calls, upTo } from './calls.js';

describe.each(bothStages())('the chunks of a worker on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);

  it('take the jobs that are ready, at most so many as the size, in their order', async () => {
    const calls = new Calls();
    scene.define({ Index: calls.job({ size: 100 }) });
    await scene.pushMany(250, 'Index');
    const worker = await scene.worker({ worker: { concurrency: 1 } });
    worker.start();
    await calls.made.has(3);
    await eventually(async () => expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, reserved: 0 }));
    expect(calls.all).toEqual(upTo(250));
    expect(calls.sizes).toEqual([100, 100, 50]);
  });

  it('take more jobs than one poll claims', async () => {
    const calls = new Calls();
    scene.define({ Index: calls.job({ size: 1_000, wait: 600 }) });
    await scene.pushMany(1_000, 'Index');
    (await scene.worker({ worker: { concurrency: 1 } })).start();
    await calls.made.has(1);
    expect(calls.made.items).toEqual([upTo(1_000)]);
  });

  it('need one slot for a call', async () => {
    const calls = new Calls();
    const others = new Gauge();
    scene.define({ Index: calls.job({ size: 10 }, { held: true }), Other: { handle: () => others.run() } });
    await scene.pushMany(30, 'Index');
    const worker = await scene.worker({ worker: { concurrency: 2 } });
    worker.start();
    await calls.gauge.runs(2);
    await scene.pushMany(2, 'Other');
    await quiet();
    expect(others.started).toBe(0);
    expect(calls.gauge.peak).toBe(2);
    calls.gauge.end();
    await calls.gauge.hasStarted(3);
    calls.gauge.end();
    await others.runs(1);
    calls.gauge.endAll();
    await others.runs(2);
    others.endAll();
    await worker.stop();
    expect(calls.all.toSorted((a, b) => a - b)).toEqual(upTo(30));
  });

  it('let jobs between those of a chunk run in their own slots', async () => {
    const calls = new Calls();
    const done = new Recorder<number>();
    scene.define({ Index: calls.job({ size: 50, wait: 600 }), Other: { handle: (data) => done.add(data as number) } });
    for (let i = 0; i < 50; i++) {
      await scene.push('Index', i);
      await scene.push('Other', i);
    }
    (await scene.worker({ worker: { concurrency: 3 } })).start();
    await done.has(50);
    await calls.made.has(1);
    expect(done.items.toSorted((a, b) => a - b)).toEqual(upTo(50).map((i) => i - 1));
    expect(calls.sizes).toEqual([50]);
  });

  it('are listed as running, and told by counts() as reserved, while they are collected', async () => {
    const calls = new Calls();
    scene.define({ Index: calls.job({ wait: 600 }) });
    const ids = await scene.pushMany(5, 'Index');
    const worker = await scene.worker();
    worker.start();
    await eventually(async () => expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, reserved: 5 }));
    expect(await scene.status(ids[0]!)).toMatchObject({ state: 'processing' });
    await worker.stop();
    expect(calls.sizes).toEqual([]);
  });

  it('are filled by pushes that wake the idle worker, without a poll in between', async () => {
    const calls = new Calls();
    scene.define({ Index: calls.job({ size: 3, wait: 600 }) });
    let polls = 0;
    const count = (driver: QueueDriver) =>
      tapped(driver, ({ send }) => {
        polls++;
        return send();
      });
    const worker = await scene.worker({ wrap: count });
    worker.start();
    await scene.push('Index', 1);
    await eventually(async () => expect(await scene.driver.counts(QUEUE)).toMatchObject({ reserved: 1 }));
    await quiet();
    const before = polls;
    await quiet();
    expect(polls).toBe(before);
    await scene.push('Index', 2);
    await scene.push('Index', 3);
    await calls.made.has(1);
    expect(calls.made.items).toEqual([[1, 2, 3]]);
  });

  it('are of one queue each', async () => {
    const calls = new Calls();
    scene.define({ Index: calls.job({ size: 2, wait: 600 }) });
    const worker = await scene.worker({ worker: { queues: ['one', 'two'] } });
    worker.start();
    for (const queue of ['one', 'two', 'one', 'two']) await scene.push('Index', queue, { queue });
    await calls.made.has(2);
    expect(calls.made.items.map((data) => data.join()).toSorted()).toEqual(['one,one', 'two,two']);
  });

  it('take one slot of the pool of their queue', async () => {
    const calls = new Calls();
    const others = new Gauge();
    scene.define({ Index: calls.job({ size: 5 }, { held: true }), Other: { handle: () => others.run() } });
    await scene.pushMany(15, 'Index', 'search');
    const worker = await scene.worker({ worker: { queues: { search: 2, other: 1 } } });
    worker.start();
    await calls.gauge.runs(2);
    await scene.pushMany(2, 'Other', 'other');
    await others.runs(1);
    await quiet();
    expect([calls.gauge.peak, others.peak]).toEqual([2, 1]);
    calls.gauge.endAll();
    await calls.gauge.hasStarted(3);
    others.endAll();
    await others.hasStarted(2);
    for (const gauge of [calls.gauge, others]) gauge.endAll();
    await worker.stop();
    expect(calls.all.toSorted((a, b) => a - b)).toEqual(upTo(15));
  });

  it('are called with what is there at the end of a run with stopWhenEmpty, without their wait', async () => {
    const calls = new Calls();
    scene.define({ Index: calls.job({ size: 4, wait: 600 }) });
    await scene.pushMany(6, 'Index');
    expect(await (await scene.worker()).run({ stopWhenEmpty: true })).toBe('empty');
    expect(calls.made.items).toEqual([
      [1, 2, 3, 4],
      [5, 6],
    ]);
    expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, reserved: 0 });
  });

  it('count each item for maxJobs', async () => {
    const calls = new Calls();
    scene.define({ Index: calls.job({ wait: 600 }) });
    await scene.pushMany(30, 'Index');
    expect(await (await scene.worker()).run({ maxJobs: 12 })).toBe('max-jobs');
    expect(calls.all).toEqual(upTo(12));
    expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 18, reserved: 0 });
  });

  it.each([1, 10])('count as one job in runOnce(), with %i slots', async (concurrency) => {
    const calls = new Calls();
    scene.define({ Index: calls.job({ size: 50, wait: 600 }), Other: {} });
    await scene.pushMany(70, 'Index');
    const worker = await scene.worker({ worker: { concurrency } });
    const attempts = await worker.runOnce();
    if (concurrency === 1) expect([attempts, calls.sizes]).toEqual([50, [50]]);
    else expect([attempts, calls.sizes]).toEqual([70, [50, 20]]);
    expect(calls.all).toEqual(upTo(attempts));
  });

  it('give back the other jobs that a claim in runOnce() brings beyond the slots', async () => {
    const calls = new Calls();
    const done = new Recorder<number>();
    scene.define({ Index: calls.job({ size: 50 }), Other: { handle: (data) => done.add(data as number) } });
    await scene.pushMany(3, 'Index');
    await scene.pushMany(20, 'Other');
    const worker = await scene.worker({ worker: { concurrency: 1 } });
    expect(await worker.runOnce()).toBe(3);
    expect(calls.made.items).toEqual([[1, 2, 3]]);
    expect(done.items).toEqual([]);
    expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 20, reserved: 0 });
    expect(await worker.runOnce()).toBe(1);
    expect(done.items).toEqual([1]);
  });

  it('are not collected by pop()', async () => {
    scene.define({ Index: new Calls().job() });
    await scene.pushMany(3, 'Index');
    const consumer = scene.driver.consume(QUEUE, { lease: 30, onLost: () => {} });
    const { jobs } = await consumer.poll({ settlements: [], limit: 1, recovered: false });
    expect(jobs).toHaveLength(1);
    await consumer.close();
  });
});

describe('the wait of a chunk', () => {
  const stage = new ArrayStage();
  const scene = new WorkerScene(stage);

  it('counts from its first job on, by the clock of the worker', async () => {
    const calls = new Calls();
    scene.define({ Index: calls.job({ wait: 2 }) });
    (await scene.worker()).start();
    await scene.push('Index', 1);
    await stage.pass(1.5);
    await scene.push('Index', 2);
    await stage.pass(0.499);
    expect(calls.sizes).toEqual([]);
    await stage.pass(0.001);
    expect(calls.made.items).toEqual([[1, 2]]);
    await scene.push('Index', 3);
    await stage.pass(1.999);
    expect(calls.sizes).toEqual([2]);
    await stage.pass(0.001);
    expect(calls.made.items).toEqual([[1, 2], [3]]);
  });

  it('takes no slot of other jobs, and ends also while other jobs run one after the other', async () => {
    const calls = new Calls();
    const others = new Gauge();
    scene.define({ Index: calls.job({ wait: 2 }), Other: { handle: () => others.run() } });
    await scene.pushMany(2, 'Index');
    await scene.pushMany(5, 'Other');
    const worker = await scene.worker({ worker: { concurrency: 1 } });
    worker.start();
    await others.runs(1);
    // No slot is free when the wait is over, nor for long after it: the items go back to the front.
    await stage.pass(2);
    await stage.pass(0.05);
    expect(await scene.driver.counts(QUEUE)).toMatchObject({ reserved: 1, ready: 6 });
    expect(calls.sizes).toEqual([]);
    others.end();
    await quiet();
    // With the first free slot they run, and do not wait once more.
    expect(calls.made.items).toEqual([[1, 2]]);
    await others.runs(1);
    for (let i = 0; i < 5; i++) {
      others.endAll();
      await quiet();
    }
    await worker.stop();
  });
});

import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../../support/eventually.js';
import { Gauge } from '../../../support/gauge.js';
import { quiet } from '../../../support/quiet.js';
import { crashWith, expireLeases } from '../lost-workers.js';
import { QUEUE, WorkerScene } from '../scene.js';
import { bothStages } from '../stage.js';
import { Calls, upTo, type Items } from './calls.js';

describe.each(bothStages())('a chunk that is interrupted, on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);
  const counts = async () => scene.driver.counts(QUEUE);
  const collected = (count: number) =>
    eventually(async () => expect(await counts()).toMatchObject({ ready: 0, reserved: count }));

  it('goes back to the front of its queue in its order, if the worker stops while it is collected', async () => {
    const calls = new Calls();
    scene.define({ Index: calls.job({ wait: 600 }) });
    await scene.pushMany(5, 'Index');
    const worker = await scene.worker();
    worker.start();
    await collected(5);
    worker.pause();
    await scene.pushMany(3, 'Index', QUEUE);
    await worker.stop();
    expect(await counts()).toMatchObject({ ready: 8, reserved: 0 });
    await (await scene.worker()).run({ stopWhenEmpty: true });
    expect(calls.made.items).toEqual([[...upTo(5), ...upTo(3)]]);
  });

  it('ends, if the worker stops while it runs', async () => {
    const calls = new Calls();
    scene.define({ Index: calls.job({}, { held: true }) });
    const ids = await scene.pushMany(3, 'Index');
    const worker = await scene.worker();
    worker.start();
    await calls.gauge.runs(1);
    const stopped = worker.stop();
    calls.gauge.endAll();
    await stopped;
    for (const id of ids) expect(await scene.status(id)).toMatchObject({ state: 'completed' });
  });

  it('is requeued whole and uncounted if it does not end in time, in its order', async () => {
    const calls = new Calls();
    scene.define({ Index: calls.job({}, { held: true }) });
    const ids = await scene.pushMany(3, 'Index');
    const worker = await scene.worker({ worker: { concurrency: 1 } });
    worker.start();
    await calls.gauge.runs(1);
    const { signal } = calls.context!;
    const stopped = worker.stop({ timeout: 0 });
    await stage.pass(1);
    await stopped;
    expect(signal.reason).toMatchObject({ code: 'ERR_SHUTDOWN' });
    expect(await counts()).toMatchObject({ ready: 3, reserved: 0 });
    for (const id of ids) expect(await scene.status(id)).toMatchObject({ state: 'queued', attempt: 0 });
    calls.gauge.endAll();
    const next = scene.worker();
    const run = (await next).run({ stopWhenEmpty: true });
    await calls.gauge.runs(1);
    calls.gauge.endAll();
    await run;
    expect(calls.made.items).toEqual([upTo(3), upTo(3)]);
  });

  it.each(['in this process', 'for all processes'])('is given back when its queue is paused %s', async (how) => {
    const calls = new Calls();
    scene.define({ Index: calls.job({ size: 4, wait: 600 }) });
    await scene.pushMany(3, 'Index');
    const worker = await scene.worker();
    worker.start();
    await collected(3);
    if (how === 'in this process') worker.pause(QUEUE);
    else await scene.driver.pauses.pause(QUEUE, null);
    await eventually(async () => expect(await counts()).toMatchObject({ ready: 3, reserved: 0 }));
    await scene.push('Index', 4);
    await quiet();
    expect(calls.sizes).toEqual([]);
    if (how === 'in this process') worker.resume(QUEUE);
    else await scene.driver.pauses.resume(QUEUE);
    await calls.made.has(1);
    expect(calls.made.items).toEqual([upTo(4)]);
  });

  it('drops what it has collected when the lease was lost, and aborts the signals of running items', async () => {
    const calls = new Calls();
    scene.define({
      Index: calls.job({ size: 2, wait: 600 }, { held: true }),
    });
    const ids = await scene.pushMany(3, 'Index');
    const worker = await scene.worker({ worker: { lease: 1, concurrency: 2 } });
    worker.start();
    await calls.gauge.runs(1);
    await collected(3);
    const { signal } = calls.context!;
    await expireLeases(stage, QUEUE);
    const other = await scene.worker();
    const abandoned: string[] = [];
    worker.reports$.subscribe(({ id, outcome }) => outcome === 'abandoned' && abandoned.push(id));
    other.start();
    await stage.pass(1);
    await eventually(async () => expect(signal.reason).toMatchObject({ code: 'ERR_LEASE_LOST' }));
    await eventually(async () => {
      calls.gauge.endAll();
      for (const id of ids) expect(await scene.status(id)).toMatchObject({ state: 'completed', attempt: 1 });
    });
    expect(abandoned).toEqual(ids.slice(0, 2));
  });

  it('loses an item that is cancelled while it is collected, and no other one', async () => {
    const calls = new Calls();
    scene.define({ Index: calls.job({ size: 3, wait: 600 }) });
    const ids = await scene.pushMany(2, 'Index');
    (await scene.worker()).start();
    await collected(2);
    await scene.driver.cancellations.cancel(ids[0]!);
    await eventually(async () => expect(await scene.status(ids[0]!)).toMatchObject({ state: 'cancelled' }));
    await scene.push('Index', 3);
    await scene.push('Index', 4);
    await calls.made.has(1);
    expect(calls.made.items).toEqual([[2, 3, 4]]);
  });

  it('aborts the signal of an item alone that is cancelled while it runs, and calls its cancelled()', async () => {
    const told: unknown[] = [];
    const calls = new Calls();
    const gauge = new Gauge();
    const handle = async (items: Items): Promise<void> => {
      await gauge.run();
      for (const item of items) if (item.job.signal.aborted) item.retry(item.job.signal.reason);
    };
    const cancelled = (reason: unknown, data: unknown) => told.push([reason, data]);
    scene.define({ Index: calls.job({}, { handle, cancelled }) });
    const ids = await scene.pushMany(3, 'Index');
    (await scene.worker()).start();
    await gauge.runs(1);
    const { signal } = calls.context!;
    await scene.driver.cancellations.cancel(ids[1]!, 'no use');
    const aborted = () => calls.items.map(({ job }) => job.signal.aborted);
    await eventually(async () => expect(aborted()).toEqual([false, true, false]));
    expect(signal.aborted).toBe(false);
    gauge.endAll();
    await eventually(async () => {
      const states = await Promise.all(ids.map(async (id) => (await scene.status(id))?.state));
      expect(states).toEqual(['completed', 'cancelled', 'completed']);
    });
    expect(told).toEqual([['no use', 2]]);
  });

  it('runs recovered items alone, one at a time, beside the chunks of others', async () => {
    const calls = new Calls();
    scene.define({ Index: calls.job({}, { held: true }) });
    const lost = await scene.pushMany(3, 'Index');
    await crashWith(stage, scene.driver, QUEUE, 3);
    await scene.pushMany(2, 'Index');
    const run = (await scene.worker()).run({ stopWhenEmpty: true });
    await calls.gauge.runs(2);
    expect(calls.sizes.toSorted((a, b) => a - b)).toEqual([1, 2]);
    for (let count = 2; count < 4; count++) {
      calls.gauge.endAll();
      await calls.gauge.hasStarted(count + 1);
      await quiet();
      expect(calls.gauge.running).toHaveLength(1);
    }
    calls.gauge.endAll();
    await run;
    expect(calls.sizes.toSorted((a, b) => a - b)).toEqual([1, 1, 1, 2]);
    for (const id of lost) expect(await scene.status(id)).toMatchObject({ state: 'completed', attempt: 1 });
  });

  it('counts a crash for each item, also for those that were only collected', async () => {
    const calls = new Calls();
    const failed: unknown[] = [];
    scene.define({ Index: calls.job({}, { maxCrashes: 1, failed: (_error, data) => failed.push(data) }) });
    const ids = await scene.pushMany(2, 'Index');
    await crashWith(stage, scene.driver, QUEUE, 2);
    await (await scene.worker()).run({ stopWhenEmpty: true });
    expect(calls.sizes).toEqual([]);
    expect(new Set(failed)).toEqual(new Set([1, 2]));
    for (const id of ids) expect(await scene.status(id)).toMatchObject({ state: 'failed' });
  });
});

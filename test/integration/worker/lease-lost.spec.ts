import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Worker } from '../../../lib/worker/worker.js';
import { Gauge } from '../../support/gauge.js';
import { Recorder } from '../../support/recorder.js';
import { expireLeases } from './lost-workers.js';
import { QUEUE, WorkerScene, type TestWorkerOptions } from './scene.js';
import { bothStages } from './stage.js';

describe.each(bothStages())('a worker on %s that lost its lease', (_name, stage) => {
  const scene = new WorkerScene(stage);
  let gauge: Gauge;
  let aborted: Recorder<unknown>;
  let outcomes: Recorder<string>;

  beforeEach(() => {
    gauge = new Gauge();
    aborted = new Recorder();
    outcomes = new Recorder();
    scene.define({
      Held: {
        handle: async (label, { signal }) => {
          signal.addEventListener('abort', () => aborted.add(signal.reason));
          await gauge.run(label);
        },
      },
    });
  });
  afterEach(() => gauge.endAll());

  const worker = async (name: string, options?: TestWorkerOptions['worker']): Promise<Worker> => {
    const made = await scene.worker({ worker: options });
    made.reports$.subscribe(({ id, outcome }) => outcomes.add(`${name}: ${id} ${outcome}`));
    return made;
  };

  const stopAll = async (...workers: Worker[]): Promise<void> => {
    const stops = workers.map((each) => each.stop());
    gauge.endAll();
    await Promise.all(stops);
  };

  it('aborts the job, logs a warning, and runs the next job', async () => {
    const id = await scene.push('Held', 1);
    // This worker has no free slot, so it does not poll: its heartbeat finds out.
    const paused = await worker('paused', { lease: 1, concurrency: 1 });
    paused.start();
    await gauge.runs(1);
    await expireLeases(stage, QUEUE);
    const other = await worker('other');
    other.start();
    await gauge.runs(2);
    await stage.pass(1);
    expect(await aborted.has(1)).toEqual([expect.objectContaining({ code: 'ERR_LEASE_LOST', queue: QUEUE })]);
    gauge.endAll();
    await outcomes.has(2);
    expect(outcomes.items.toSorted()).toEqual([`other: ${id} completed`, `paused: ${id} abandoned`]);
    await other.stop();
    expect(await scene.status(id)).toMatchObject({ state: 'completed', attempt: 1 });
    expect(scene.logger.of('warn').filter((line) => String(line).startsWith('The lease'))).toEqual([
      expect.stringContaining('The lease on the jobs of queue default was lost'),
    ]);

    const next = await scene.push('Held', 2);
    await gauge.hasStarted(3);
    gauge.endAll();
    await outcomes.has(3);
    await paused.stop();
    expect(await scene.status(next)).toMatchObject({ state: 'completed' });
  });

  it('logs a warning when its job ends later, and the outcome does not count', async () => {
    const id = await scene.push('Held', 1);
    const paused = await worker('paused');
    paused.start();
    await gauge.runs(1);
    await expireLeases(stage, QUEUE);
    const other = await worker('other');
    other.start();
    await gauge.runs(2);
    gauge.end();
    await outcomes.has(1);
    await paused.stop();
    expect(await scene.status(id)).toMatchObject({ state: 'processing' });
    expect(scene.logger.of('warn')).toContain(
      `Job ${id} of queue default is not held by this worker any more: the outcome of this attempt does not count`,
    );
    gauge.end();
    await other.stop();
    expect(await scene.status(id)).toMatchObject({ state: 'completed' });
    expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, delayed: 0, reserved: 0, failed: 0 });
  });

  it('abandons its jobs of that queue, and keeps the jobs of its other queues', async () => {
    const [first, second] = await scene.pushMany(2, 'Held', 'a');
    const others = await scene.pushMany(2, 'Held', 'b');
    const paused = await worker('paused', { queues: ['a', 'b'], concurrency: 4 });
    paused.start();
    await gauge.runs(4);
    await expireLeases(stage, 'a');
    const other = await worker('other', { queues: ['a'] });
    other.start();
    await gauge.runs(5);
    // The first job ends: the worker polls, and learns that the lease is lost.
    gauge.end();
    await aborted.has(1);
    gauge.end(3);
    await outcomes.has(4);
    expect(outcomes.items).toEqual([
      `paused: ${first} completed`,
      `paused: ${second} abandoned`,
      ...others.map((id) => `paused: ${id} completed`),
    ]);
    expect(aborted.count).toBe(1);
    await stopAll(paused, other);
  });

  it('requeues no job that another worker holds when it is stopped', async () => {
    const id = await scene.push('Held', 1);
    const paused = await worker('paused', { lease: 1 });
    paused.start();
    await gauge.runs(1);
    await expireLeases(stage, QUEUE);
    const other = await worker('other');
    other.start();
    await gauge.runs(2);
    await stage.pass(1);
    await aborted.has(1);
    const stop = paused.stop({ timeout: 0 });
    await stage.pass(1);
    await stop;
    expect(outcomes.items).toEqual([`paused: ${id} abandoned`]);
    expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, reserved: 1 });
    expect(scene.logger.text).not.toContain('is requeued');
    gauge.endAll();
    await other.stop();
  });
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ConsumerOptions, QueueDriver } from '../../../lib/drivers/queue-driver.interface.js';
import type { Worker } from '../../../lib/worker/worker.js';
import { Gauge } from '../../support/gauge.js';
import { quiet } from '../../support/quiet.js';
import { Recorder } from '../../support/recorder.js';
import { tapped, type PollTap } from '../../support/tapped-driver.js';
import { expireLeases } from './lost-workers.js';
import { QUEUE, WorkerScene, type TestWorkerOptions } from './scene.js';
import { ArrayStage, bothStages } from './stage.js';

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
    // Without a free slot it does not poll, and so does not learn of the loss, before its job has ended.
    const paused = await worker('paused', { concurrency: 1, prefetch: 0 });
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
    expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
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

describe('a worker that loses its lease while it holds no job', () => {
  const scene = new WorkerScene(new ArrayStage());

  /** Makes a worker on a driver that loses its leases on demand. */
  const startWorker = async (): Promise<{ byReply: () => void; byHeartbeat: () => void; polls: () => number }> => {
    let isLost = false;
    let count = 0;
    const callbacks: (() => void)[] = [];
    const tap: PollTap = async ({ send }) => {
      count++;
      const result = await send();
      if (!isLost) return result;
      isLost = false;
      return { ...result, lost: true };
    };
    const wrap = (driver: QueueDriver): QueueDriver =>
      new Proxy(tapped(driver, tap), {
        get(target, key): unknown {
          if (key !== 'consume') return Reflect.get(target, key);
          return (queue: string, options: ConsumerOptions) => {
            callbacks.push(options.onLost);
            return target.consume(queue, options);
          };
        },
      });
    (await scene.worker({ wrap })).start();
    await quiet();
    return {
      byReply: () => (isLost = true),
      byHeartbeat: () => callbacks[0]!(),
      polls: () => count,
    };
  };

  it.each(['byReply', 'byHeartbeat'] as const)('logs no warning, and runs the next job (%s)', async (how) => {
    const done = new Recorder<number>();
    scene.define({ Count: { handle: (data: number) => done.add(data) } });
    const lease = await startWorker();
    const polls = lease.polls();
    lease[how]();
    await scene.pushMany(1, 'Count');
    await done.has(1);
    await quiet();
    expect(lease.polls()).toBeGreaterThan(polls);
    expect(scene.logger.of('warn')).toEqual([]);
    await scene.pushMany(1, 'Count');
    await done.has(2);
    expect(scene.logger.of('warn')).toEqual([]);
  });
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RecoveryGate } from '../../../lib/recovery/recovery-gate.js';
import { toMonotonic } from '../../../lib/support/clock.js';
import { ReservationBatcher } from '../../../lib/reserve/reservation-batcher.js';
import { Gauge } from '../../support/gauge.js';
import { claimAndVanish, crashWith, expireLeases } from './lost-workers.js';
import { QUEUE, WorkerScene } from './scene.js';
import { bothStages } from './stage.js';

describe.each(bothStages())('recovered jobs on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);
  let recovered: Gauge;
  let others: Gauge;

  beforeEach(() => {
    recovered = new Gauge();
    others = new Gauge();
    scene.define({
      Recovered: { handle: (_data, { queue }) => recovered.run(queue), options: { queue: 'a' } },
      Other: { handle: () => others.run(), options: { queue: 'b' } },
    });
  });
  afterEach(() => {
    recovered.endAll();
    others.endAll();
  });

  it.each<[string, { queues?: string[]; concurrency: number }]>([
    ['in strict order', { queues: ['a', 'b', 'c'], concurrency: 10 }],
    ['in turn', { concurrency: 10 }],
    // More slots than one poll claims, so that the worker polls several queues at the same time.
    ['in turn, with plenty of slots', { concurrency: 2_000 }],
  ])('run one at a time in a process, with queues %s, while other jobs run beside them', async (_how, worker) => {
    const queues = worker.queues ?? ['a', 'b'];
    for (const queue of queues) {
      await scene.pushMany(2, 'Recovered', queue);
      await crashWith(stage, scene.driver, queue, 2);
      await scene.pushMany(2, 'Other', queue);
    }
    const count = 2 * queues.length;
    const run = (await scene.worker({ worker })).run({ stopWhenEmpty: true });
    await recovered.runs(1);
    await others.runs(count);
    expect(recovered.started).toBe(1);
    others.endAll();
    for (let ended = 1; ended < count; ended++) {
      recovered.end();
      await recovered.hasStarted(ended + 1);
      expect(recovered.running).toHaveLength(1);
    }
    recovered.end();
    expect(await run).toBe('empty');
    expect(recovered).toMatchObject({ started: count, peak: 1 });
    for (const queue of queues) {
      expect(await scene.driver.counts(queue)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
    }
  });

  it.each([1, 2, 10])('run one after the other at concurrency %d without a pause', async (concurrency) => {
    await scene.pushMany(3, 'Recovered', QUEUE);
    await crashWith(stage, scene.driver, QUEUE, 3);
    const worker = await scene.worker({ worker: { concurrency } });
    worker.start();
    for (let started = 1; started <= 3; started++) {
      await recovered.hasStarted(started);
      recovered.end();
    }
    await worker.stop();
    expect(recovered.peak).toBe(1);
  });

  it('run one at a time in a process, a job reserved by pop() included', async () => {
    const gate = new RecoveryGate();
    const reservations = new ReservationBatcher(
      (onLost) => scene.driver.consume(QUEUE, { lease: 3600, onLost }),
      gate,
      toMonotonic(stage.clock),
    );
    await scene.pushMany(2, 'Recovered', QUEUE);
    await crashWith(stage, scene.driver, QUEUE, 2);
    const reserved = await reservations.claim(5_000);
    expect(reserved).toMatchObject({ crashes: 1 });
    await scene.pushMany(1, 'Other', QUEUE);
    const worker = await scene.worker({ gate });
    worker.start();
    await others.runs(1);
    others.end();
    expect(await reservations.claim(5_000)).toBeNull();
    expect(recovered.started).toBe(0);
    await reservations.settle(reserved!, { kind: 'complete' });
    await recovered.runs(1);
    expect(await reservations.claim(5_000)).toBeNull();
    recovered.end();
    await worker.stop();
    await reservations.close();
    expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
  });

  it('are recovered by a worker that runs another job', async () => {
    const [id] = await scene.pushMany(1, 'Recovered', 'a');
    await claimAndVanish(scene.driver, 'a', 1);
    await scene.pushMany(1, 'Other', QUEUE);
    const worker = await scene.worker();
    worker.start();
    await others.runs(1);
    await expireLeases(stage, 'a');
    // The push wakes the worker, whose poll of the queue recovers the job.
    await scene.pushMany(1, 'Other', 'a');
    await recovered.runs(1);
    expect(scene.logger.of('warn')).toContainEqual(expect.stringContaining(`Job ${id} of queue a was recovered`));
    await others.runs(2);
    recovered.end();
    others.endAll();
    await worker.stop();
    expect(await scene.status(id!)).toMatchObject({ state: 'completed' });
  });

  it('fail after their worker was lost three times, and other jobs do not', async () => {
    const [culprit] = await scene.pushMany(1, 'Recovered', QUEUE);
    for (let crash = 1; crash <= 3; crash++) await crashWith(stage, scene.driver, QUEUE, 1);
    const ids = await scene.pushMany(3, 'Other', QUEUE);
    const run = (await scene.worker()).run({ stopWhenEmpty: true });
    await others.runs(3);
    others.endAll();
    await run;
    expect(recovered.started).toBe(0);
    expect(await scene.status(culprit!)).toMatchObject({
      state: 'failed',
      error: `The worker that ran job ${culprit} was lost 3 times`,
    });
    for (const id of ids) expect(await scene.status(id)).toMatchObject({ state: 'completed' });
  });
});

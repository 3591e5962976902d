import { describe, expect, it } from '@jest/globals';
import { QueueEvents } from '../../../lib/events/queue-events.js';
import type { JobContext } from '../../../lib/job/job-context.js';
import { eventually } from '../../support/eventually.js';
import { Gauge } from '../../support/gauge.js';
import { Recorder } from '../../support/recorder.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { claimAndVanish, expireLeases } from './lost-workers.js';
import { QUEUE, WorkerScene } from './scene.js';
import { bothStages } from './stage.js';

describe.each(bothStages())('a cancelled job, on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);
  const cancel = (id: string, reason?: string) => scene.driver.cancellations.cancel(id, reason);
  const state = async (id: string) => (await scene.status(id))?.state;

  /** A job that runs until its signal is aborted, and then rejects with the reason. */
  function defineObedient() {
    const seen = { started: new Recorder<number>(), failed: 0, cancelled: [] as unknown[] };
    const handle = (data: number, { signal }: JobContext) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
        seen.started.add(data);
      });
    scene.define({
      Obedient: {
        handle,
        failed: () => seen.failed++,
        cancelled: async (reason, data, job) => {
          seen.cancelled.push({
            reason,
            data,
            attempt: job.attempt,
            state: await state(job.id),
            aborted: job.signal.aborted,
          });
        },
      },
    });
    return seen;
  }

  it('gets its signal aborted, and ends without a retry; its cancelled() is called once, before the status is written', async () => {
    const seen = defineObedient();
    const events = new QueueEvents(new RecordingLogger());
    const heard: unknown[] = [];
    events.on('cancelled', ({ id, name, attempt, reason }) => heard.push({ id, name, attempt, reason }));
    const worker = await scene.worker({ events });
    worker.start();
    const id = await scene.push('Obedient', 7);
    await seen.started.has(1);
    expect(await cancel(id, 'no use')).toBe('cancelling');
    await eventually(async () => (await state(id)) === 'cancelled');
    expect(await scene.status(id)).toMatchObject({ attempt: 1, error: 'no use' });
    expect(seen.cancelled).toEqual([{ reason: 'no use', data: 7, attempt: 1, state: 'processing', aborted: true }]);
    expect({ failed: seen.failed, starts: seen.started.items }).toEqual({ failed: 0, starts: [7] });
    expect(heard).toEqual([{ id, name: 'Obedient', attempt: 1, reason: 'no use' }]);
    expect(await cancel(id)).toBeNull();
  });

  it('that completes nevertheless is completed', async () => {
    const gauge = new Gauge();
    const calls: string[] = [];
    scene.define({ Stubborn: { handle: (_, { id }) => gauge.run(id), cancelled: () => calls.push('cancelled') } });
    (await scene.worker()).start();
    const id = await scene.push('Stubborn');
    await gauge.runs(1);
    await cancel(id);
    gauge.endAll();
    await eventually(async () => (await state(id)) === 'completed');
    expect(calls).toEqual([]);
  });

  it('that was claimed ahead ends without handle, although all slots are busy', async () => {
    const gauge = new Gauge();
    const handled: unknown[] = [];
    scene.define({
      Gauged: { handle: (_, { id }) => gauge.run(id) },
      Quick: { handle: (data) => void handled.push(data) },
    });
    const worker = await scene.worker({ worker: { concurrency: 1, prefetch: 10 } });
    worker.start();
    await scene.pushMany(1, 'Quick');
    await eventually(() => handled.length === 1);
    const [running] = await scene.pushMany(1, 'Gauged');
    const waiting = await scene.pushMany(3, 'Quick');
    await gauge.runs(1);
    for (const id of waiting) expect(await cancel(id)).not.toBeNull();
    await eventually(async () => expect(await Promise.all(waiting.map(state))).toEqual(Array(3).fill('cancelled')));
    gauge.endAll();
    await eventually(async () => (await state(running!)) === 'completed');
    expect(handled).toHaveLength(1);
  });

  it('that waits for its next attempt ends without its cancelled()', async () => {
    const calls: string[] = [];
    scene.define({
      Failing: {
        options: { maxTries: 2, retryDelay: 60 },
        handle: () => {
          calls.push('handle');
          throw new Error('not yet');
        },
        cancelled: () => void calls.push('cancelled'),
        failed: () => void calls.push('failed'),
      },
    });
    const worker = await scene.worker();
    worker.start();
    const id = await scene.push('Failing');
    await eventually(async () => (await state(id)) === 'retrying');
    expect(await cancel(id, 'no use')).toBe('cancelled');
    expect(await scene.status(id)).toMatchObject({ state: 'cancelled', attempt: 1, error: 'no use' });
    await worker.stop();
    expect(calls).toEqual(['handle']);
  });

  it('whose worker is lost does not run again: the next worker calls its cancelled()', async () => {
    const seen = defineObedient();
    const id = await scene.push('Obedient', 7);
    await claimAndVanish(scene.driver, QUEUE, 1);
    expect(await cancel(id, 'no use')).toBe('cancelling');
    await expireLeases(stage, QUEUE);
    (await scene.worker()).start();
    await eventually(async () => (await state(id)) === 'cancelled');
    expect(seen.started.items).toEqual([]);
    expect(seen.cancelled).toEqual([{ reason: 'no use', data: 7, attempt: 1, state: 'processing', aborted: true }]);
  });

  it('that a stopped worker requeues is ended by the next one', async () => {
    const gauge = new Gauge();
    const cancelled: unknown[] = [];
    scene.define({
      Deaf: { handle: (_, { id }) => gauge.run(id), cancelled: (reason) => void cancelled.push(reason) },
    });
    const worker = await scene.worker();
    worker.start();
    const id = await scene.push('Deaf');
    await gauge.runs(1);
    await cancel(id, 'no use');
    let isStopped = false;
    const stopping = worker.stop({ timeout: 0 }).finally(() => (isStopped = true));
    await eventually(async () => {
      await stage.pass(1);
      return isStopped;
    });
    await stopping;
    gauge.endAll();
    expect(await state(id)).toBe('queued');
    await (await scene.worker()).run({ stopWhenEmpty: true });
    expect(await scene.status(id)).toMatchObject({ state: 'cancelled', attempt: 0 });
    expect({ started: gauge.started, cancelled }).toEqual({ started: 1, cancelled: ['no use'] });
  });
});

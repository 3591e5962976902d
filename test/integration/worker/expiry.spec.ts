import { describe, expect, it } from '@jest/globals';
import { QueueEvents } from '../../../lib/events/queue-events.js';
import type { JobContext } from '../../../lib/job/job-context.js';
import { deferred } from '../../support/deferred.js';
import { eventually } from '../../support/eventually.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { thrower } from '../../support/thrower.js';
import { crashWith } from './lost-workers.js';
import { QUEUE, WorkerScene } from './scene.js';
import { bothStages, type RedisStage } from './stage.js';

const options = { expiresIn: 600 };

describe.each(bothStages())('a job with expiresIn, on %s', (name, stage) => {
  const scene = new WorkerScene(stage);

  /** Lets so many seconds pass since the push of a job. On Redis, whose clock runs by itself, the push moves into the past. */
  async function age(id: string, seconds: number): Promise<void> {
    if (name === 'array') return stage.pass(seconds);
    const client = (stage as RedisStage).redis.client!;
    const record = (await client.hget(`queue:${QUEUE}:jobs`, id))!;
    const pushedAt = Number(record.slice(0, 13)) - seconds * 1000;
    await client.hset(`queue:${QUEUE}:jobs`, id, `${pushedAt}${record.slice(13)}`);
  }

  function define(handle: (data: unknown, job: JobContext) => unknown = () => undefined) {
    const calls: string[] = [];
    scene.define({
      Code: {
        prepare: () => void calls.push('made'),
        handle: (data, job) => (calls.push('handle'), handle(data, job)),
        failed: () => calls.push('failed'),
        cancelled: () => calls.push('cancelled'),
        options: { retryDelay: 0 },
      },
    });
    return calls;
  }

  it('runs if it is started in time', async () => {
    const calls = define();
    const id = await scene.push('Code', 1, { options });
    await age(id, 590);
    await (await scene.worker()).runOnce();
    expect(await scene.status(id)).toMatchObject({ state: 'completed' });
    expect(calls).toEqual(['made', 'handle']);
  });

  it('else ends as cancelled, and nothing of it is called; the event, the report, the log and a wait tell so', async () => {
    const calls = define();
    const events = new QueueEvents(new RecordingLogger());
    const heard: unknown[] = [];
    for (const type of ['expired', 'cancelled', 'started', 'failed'] as const) {
      events.on(type, (event) => heard.push([type, 'id' in event && event.id, event.attempt, 'duration' in event]));
    }
    const id = await scene.push('Code', 1, { options });
    const ended = deferred<unknown>();
    const wait = await scene.driver.waits.open(id, { timeout: 60_000 }, { ended: ended.resolve, failed: ended.reject });
    await age(id, 600);
    const worker = await scene.worker({ events });
    const reports: unknown[] = [];
    worker.reports$.subscribe(({ outcome, error }) => reports.push({ outcome, error }));
    await worker.runOnce();
    expect(await scene.status(id)).toMatchObject({ state: 'cancelled', error: 'expired', attempt: 0 });
    expect(calls).toEqual([]);
    expect(heard).toEqual([['expired', id, 0, false]]);
    expect(reports).toEqual([{ outcome: 'expired', error: undefined }]);
    expect(scene.logger.of('log').join()).toContain(`Code ${id} (queue default) has expired`);
    await eventually(async () => {
      expect((await wait.close()) ?? (await ended.promise)).toEqual({ state: 'cancelled', error: 'expired' });
    });
  });

  it('else is no attempt of the statistics, as a cancelled job that has not run', async () => {
    define();
    const ids = [await scene.push('Code', 1, { options }), await scene.push('Code', 2, { options })];
    await age(ids[0]!, 600);
    await age(ids[1]!, 600);
    await scene.driver.cancellations.cancel(ids[1]!);
    await (await scene.worker()).runOnce();
    const { now } = await scene.driver.stats.look(QUEUE);
    expect(await scene.driver.stats.read(QUEUE, 'hour', now - 7_200_000, now + 1)).toEqual([]);
    expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
  });

  it('ends so although no worker knows its name', async () => {
    const id = await scene.push('Unknown', 1, { options });
    await age(id, 600);
    await (await scene.worker()).runOnce();
    expect(await scene.status(id)).toMatchObject({ state: 'cancelled', error: 'expired' });
  });

  it('has its time from when an operator promoted it', async () => {
    const calls = define();
    const id = await scene.push('Code', 1, { options, delay: 36_000 });
    await age(id, 7_200);
    expect(await scene.driver.mending.promote(QUEUE, id)).toBe(true);
    await (await scene.worker()).runOnce();
    expect(await scene.status(id)).toMatchObject({ state: 'completed' });
    expect(calls).toEqual(['made', 'handle']);
  });

  it.each([
    ['released', (job: JobContext) => job.release()],
    ['retried', thrower(new Error('no luck'))],
  ])('does not expire once it was %s', async (_, end) => {
    let starts = 0;
    const calls = define((__, job) => (++starts === 1 ? end(job) : undefined));
    const id = await scene.push('Code', 1, { options });
    await (await scene.worker()).runOnce();
    await age(id, 3_600);
    await (await scene.worker()).runOnce();
    expect(await scene.status(id)).toMatchObject({ state: 'completed' });
    expect(calls).toEqual(['made', 'handle', 'made', 'handle']);
  });

  it('does not expire once its worker was lost', async () => {
    const calls = define();
    const id = await scene.push('Code', 1, { options });
    await crashWith(stage, scene.driver, QUEUE, 1);
    await age(id, 3_600);
    const worker = await scene.worker();
    worker.start();
    await eventually(async () => expect(await scene.status(id)).toMatchObject({ state: 'completed' }));
    expect(calls).toEqual(['made', 'handle']);
  });

  it('does not expire if its worker stopped while it ran; one that was only claimed does', async () => {
    const started = deferred();
    let ends = false;
    const calls = define(async (_, { signal }) => {
      if (ends) return;
      started.resolve();
      await new Promise((__, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    });
    const first = await scene.worker({ worker: { concurrency: 1 } });
    first.start();
    const running = await scene.push('Code', 1, { options });
    await started.promise;
    const waiting = await scene.push('Code', 2, { options });
    await first.stop({ timeout: 0 });
    ends = true;
    await age(running, 3_600);
    if (name === 'redis') await age(waiting, 3_600);
    await (await scene.worker()).runOnce();
    expect(await scene.status(running)).toMatchObject({ state: 'completed' });
    expect(await scene.status(waiting)).toMatchObject({ state: 'cancelled', error: 'expired' });
    expect(calls).toEqual(['made', 'handle', 'made', 'handle']);
  });
});

import { afterEach, describe, expect, it } from '@jest/globals';
import {
  defineJob,
  Job,
  jobSpec,
  JobFailedError,
  JobNotFoundError,
  QueueAdmin,
  QueueClosedError,
  WaitTimeoutError,
  Worker,
  type JobContext,
  type QueueModuleOptions,
} from 'nestjs-job-queue';
import type { QueueDriver } from '../../../lib/drivers/queue-driver.interface.js';
import { QUEUE_DRIVER } from '../../../lib/queue.tokens.js';
import { useRedis } from '../../support/use-redis.js';
import { closeQueueApps, startQueueApp } from './queue-app.js';

class RangeTrouble extends RangeError {
  override name = 'RangeTrouble';
}

@Job()
class SumJob {
  handle(numbers: number[]): { sum: number } {
    return { sum: numbers.reduce((sum, each) => sum + each, 0) };
  }
}
@Job()
class NothingJob {
  handle(): void {}
}
@Job({ maxTries: 2, retryDelay: 0 })
class FailingJob {
  handle(_text: string, job: JobContext): string {
    throw new RangeTrouble(`no luck with ${job.attempt}`);
  }
}
@Job()
class OddJob {
  handle(): unknown {
    return { call: () => 1 };
  }
}
@Job()
class PictureJob {
  constructor(readonly path: string) {}
  handle(): string {
    return this.path.toUpperCase();
  }
}
const Upper = defineJob<string, string>('upper', { queue: 'texts' });
@Job(Upper)
class UpperHandler {
  handle(text: string): string {
    return text.toUpperCase();
  }
}

const providers = [SumJob, NothingJob, FailingJob, OddJob, UpperHandler];
const timeout = '20s';
const redis = useRedis();
const drivers: [string, () => QueueModuleOptions][] = [
  ['array', () => ({})],
  ['redis', () => ({ driver: 'redis', redis: { url: redis.url } })],
];

describe.each(drivers)('waiting for a job on %s', (_name, driver) => {
  afterEach(closeQueueApps);

  const start = async (options: QueueModuleOptions = {}) => {
    const { QueueModule } = await import('nestjs-job-queue');
    const imports = [QueueModule.forFeature([PictureJob])];
    return startQueueApp({ imports, providers }, { ...driver(), ...options });
  };
  /** Starts an application whose worker runs. */
  const startWorking = async (options: QueueModuleOptions = {}) => {
    const { app, queue } = await start(options);
    app.get(Worker).start();
    return queue;
  };

  it('pushAndWait resolves with the result of each kind of job, although no job keeps its result', async () => {
    const queue = await startWorking();
    expect(await queue.pushAndWait(SumJob, [1, 2, 3], { timeout })).toEqual({ sum: 6 });
    expect(await queue.pushAndWait(NothingJob, { timeout })).toBeUndefined();
    expect(await queue.pushAndWait(NothingJob, undefined, { timeout })).toBeUndefined();
    expect(await queue.pushAndWait(Upper, 'ada', { timeout })).toBe('ADA');
    expect(await queue.pushAndWait('upper', 'bob', { timeout })).toBe('BOB');
    expect(await queue.pushAndWait(new PictureJob('a.png'), { timeout })).toBe('A.PNG');
    expect(await queue.pushAndWait(jobSpec(Upper, 'eve'), { timeout })).toBe('EVE');
  });

  it('pushAndWait gets the result although nothing is kept of ended jobs, and keeps it if the job does', async () => {
    const queue = await startWorking({ statusTtl: 0 });
    expect(await queue.pushAndWait(SumJob, [1, 2], { timeout, id: 'a' })).toEqual({ sum: 3 });
    expect(await queue.getJobStatus('a')).toBeNull();
    expect(await queue.pushAndWait(SumJob, [4], { timeout, id: 'b', keepResult: '1h' })).toEqual({ sum: 4 });
    expect(await queue.getJobStatus('b')).toMatchObject({ status: 'completed', result: { sum: 4 } });
  });

  it.each(['ends', 'is cancelled', 'is removed'])(
    'pushAndWait gets the end of its own job if the one before it %s between the wait and the push',
    async (end) => {
      const { app, queue } = await start();
      const worker = app.get(Worker);
      await queue.push(SumJob, [1], { id: 'a' });
      const stored = app.get<QueueDriver>(QUEUE_DRIVER);
      const push = stored.push.bind(stored);
      stored.push = async (...args) => {
        stored.push = push;
        const other = queue.waitFor('a', { timeout }).catch(() => undefined);
        if (end === 'ends') await worker.runOnce();
        if (end === 'is cancelled') await queue.cancel('a');
        if (end === 'is removed') await app.get(QueueAdmin).remove('a');
        await other;
        const exceptions = await push(...args);
        await worker.runOnce();
        return exceptions;
      };
      expect(await queue.pushAndWait(SumJob, [2], { timeout, id: 'a', unique: true })).toEqual({ sum: 2 });
    },
  );

  it('a result of pushAndWait is not kept by the status', async () => {
    const queue = await startWorking();
    await queue.pushAndWait(SumJob, [1, 2], { timeout, id: 'a' });
    expect((await queue.getJobStatus('a'))?.result).toBeUndefined();
    expect(await queue.waitFor('a', { timeout })).toBeUndefined();
  });

  it('rejects with the error of the last attempt when the job has failed for good', async () => {
    const queue = await startWorking();
    const error = await queue.pushAndWait(FailingJob, 'x', { timeout, id: 'f' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(JobFailedError);
    const expected = {
      name: 'JobFailedError',
      code: 'ERR_JOB_FAILED',
      message: 'no luck with 2',
      jobId: 'f',
      attempt: 2,
      cause: { name: 'RangeTrouble', message: 'no luck with 2', stack: expect.stringContaining('no luck with 2') },
    };
    expect(error).toMatchObject(expected);
    await expect(queue.waitFor('f', { timeout })).rejects.toMatchObject(expected);
  });

  it('pushAndWait rejects if the result cannot be told, and waitFor resolves without it', async () => {
    const queue = await startWorking();
    const reason = 'The result is not kept: result.call is function call, which cannot be stored';
    await expect(queue.pushAndWait(OddJob, { timeout, id: 'odd' })).rejects.toMatchObject({
      code: 'ERR_JOB_NOT_FOUND',
      jobId: 'odd',
      message: `Job odd was not found: it has completed. ${reason}`,
    });
    expect(await queue.waitFor('odd', { timeout })).toBeUndefined();
  });

  it('waitFor resolves with a kept result, whether the job has ended or not', async () => {
    const { queue, run } = bound(await start());
    const id = await queue.push(SumJob, [1, 2, 3], { keepResult: true });
    const waiting = queue.waitFor<{ sum: number }>(id, { timeout });
    await run();
    expect((await waiting).sum).toBe(6);
    expect(await queue.waitFor(id, { timeout })).toEqual({ sum: 6 });
  });

  it('rejects at once if the job is not known, or nothing is kept of it', async () => {
    const { queue, run } = bound(await start({ statusTtl: 0 }));
    await expect(queue.waitFor('nobody', { timeout })).rejects.toBeInstanceOf(JobNotFoundError);
    const id = await queue.push(SumJob, [1]);
    await run();
    await expect(queue.waitFor(id, { timeout })).rejects.toMatchObject({ code: 'ERR_JOB_NOT_FOUND', jobId: id });
  });

  it('rejects when the job is dropped', async () => {
    const { queue } = await start();
    const id = await queue.push(SumJob, [1]);
    const waiting = queue.waitFor(id, { timeout });
    const dropped = expect(waiting).rejects.toBeInstanceOf(JobNotFoundError);
    // A status that can be read comes behind the registration of the wait.
    await queue.getJobStatus(id);
    await queue.getJobStatus(id);
    await queue.clear();
    await dropped;
  });

  it('rejects when the job is cancelled', async () => {
    const { queue } = await start();
    const id = await queue.push(SumJob, [1]);
    const waiting = queue.waitFor(id, { timeout });
    const cancelled = expect(waiting).rejects.toMatchObject({
      name: 'JobCancelledError',
      jobId: id,
      reason: 'sold out',
    });
    await queue.cancel(id, 'sold out');
    await cancelled;
    await expect(queue.waitFor(id, { timeout })).rejects.toMatchObject({ code: 'ERR_JOB_CANCELLED' });
  });

  it('of a job that is there already gets its kept result, and runs it once', async () => {
    const { queue, run } = bound(await start());
    await queue.push(SumJob, [1], { id: 'a', keepResult: true });
    const waiting = queue.pushAndWait(SumJob, [2], { timeout, id: 'a' });
    await queue.getJobStatus('a');
    await run();
    expect(await waiting).toEqual({ sum: 1 });
    expect(await queue.pushAndWait(SumJob, [3], { timeout, id: 'a' })).toEqual({ sum: 1 });
  });

  it('a timeout ends the wait, and the job goes on', async () => {
    const { queue, run } = bound(await start());
    const error = await queue
      .pushAndWait(SumJob, [1], { timeout: 0.2, keepResult: true })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect(error).toMatchObject({ code: 'ERR_WAIT_TIMEOUT', seconds: 0.2, jobId: expect.any(String) });
    const { jobId } = error as WaitTimeoutError;
    expect(await queue.getJobStatus(jobId)).toMatchObject({ status: 'queued' });
    await run();
    expect(await queue.waitFor(jobId, { timeout })).toEqual({ sum: 1 });
  });

  it('a signal ends the wait with its reason, and the job goes on', async () => {
    const { queue, run } = bound(await start());
    const id = await queue.push(SumJob, [1], { keepResult: true });
    const controller = new AbortController();
    const waiting = queue.waitFor(id, { timeout, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await run();
    expect(await queue.waitFor(id, { timeout })).toEqual({ sum: 1 });
  });

  it('an aborted signal pushes nothing', async () => {
    const { queue } = await start();
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(queue.pushAndWait(SumJob, [1], { timeout, signal })).rejects.toThrow('too late');
    expect(await queue.counts()).toMatchObject({ ready: 0 });
  });

  it('ends when the application does', async () => {
    const { app, queue } = await start();
    const id = await queue.push(SumJob, [1]);
    const waiting = expect(queue.waitFor(id, { timeout })).rejects.toBeInstanceOf(QueueClosedError);
    await queue.getJobStatus(id);
    await app.close();
    await waiting;
  });

  it.each([
    [undefined, '"wait options": expected an object'],
    [{}, '"wait options.timeout": expected'],
    [{ timeout: 0 }, '"wait options.timeout": expected'],
    [{ timeout: '2d' }, 'at most 86400 s'],
    [{ timeout: 1, signal: 7 }, '"wait options.signal": expected an AbortSignal'],
  ])('refuses the options %j before anything is pushed', async (options, message) => {
    const { queue } = await start();
    await expect(queue.pushAndWait(SumJob, [1], options as never)).rejects.toThrow(message);
    await expect(queue.waitFor('a', options as never)).rejects.toThrow(message);
    await expect(queue.waitFor('a', { timeout: 1, delay: 1 } as never)).rejects.toThrow('wait options.delay');
    await expect(queue.pushAndWait(SumJob, [1], { timeout: 1, delays: 1 } as never)).rejects.toThrow('delays');
    expect(await queue.counts()).toMatchObject({ ready: 0 });
  });
});

function bound(app: Awaited<ReturnType<typeof startQueueApp>>) {
  return { queue: app.queue, run: () => app.run() };
}

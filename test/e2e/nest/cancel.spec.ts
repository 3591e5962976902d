import { describe, expect, it } from '@jest/globals';
import {
  Job,
  JobCancelledError,
  QueueAdmin,
  QueueModule,
  Worker,
  type JobContext,
  type JobHandler,
  type JobInterface,
} from 'nestjs-job-queue';
import { eventually } from '../../support/eventually.js';
import { startQueueApp, useSeen } from './queue-app.js';

const seen = useSeen();

const untilAborted = ({ signal }: JobContext): Promise<never> =>
  new Promise((_, reject) => {
    seen.push('started');
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

@Job()
class HandlerJob implements JobHandler<{ to: string }> {
  handle(_data: { to: string }, job: JobContext): Promise<never> {
    return untilAborted(job);
  }
  cancelled(reason: string | undefined, data: { to: string }, job: JobContext): void {
    seen.push([reason, data, job.signal.reason instanceof JobCancelledError]);
  }
}

@Job()
class CarryingJob implements JobInterface {
  constructor(readonly to: string) {}
  handle(job: JobContext): Promise<never> {
    return untilAborted(job);
  }
  cancelled(reason: string | undefined, job: JobContext): void {
    seen.push([reason, { to: this.to }, job.signal.reason instanceof JobCancelledError]);
  }
}

describe('cancelAll()', () => {
  it('cancels jobs that wait and jobs that run, and tells how many', async () => {
    const { app, queue } = await startQueueApp({ providers: [HandlerJob] });
    const admin = app.get(QueueAdmin);
    const ids = await queue.pushMany(HandlerJob, [{ to: 'a' }, { to: 'b' }], { tags: ['letters'] });
    const delayed = await queue.later(HandlerJob, { to: 'c' }, '1m');
    app.get(Worker).start();
    await eventually(() => seen.length === 2);
    expect(await admin.cancelAll('default', { name: 'OtherJob' })).toBe(0);
    expect(await admin.cancelAll('default', { tag: 'letters' })).toBe(2);
    // Both were told, and are not counted again.
    expect(await admin.cancelAll('default')).toBe(1);
    await eventually(async () => {
      const states = await Promise.all([...ids, delayed].map(async (id) => (await queue.getJobStatus(id))?.status));
      expect(states).toEqual(Array(3).fill('cancelled'));
    });
    expect(await admin.cancelAll('default')).toBe(0);
  });
});

describe('cancel()', () => {
  it.each(['beside its class', 'in itself'])('tells a job that carries its data %s', async (form) => {
    const { app, queue } = await startQueueApp({
      imports: [QueueModule.forFeature([CarryingJob])],
      providers: [HandlerJob],
    });
    app.get(Worker).start();
    const id =
      form === 'in itself' ? await queue.push(new CarryingJob('a')) : await queue.push(HandlerJob, { to: 'a' });
    await eventually(() => seen.length === 1);
    expect(await queue.cancel(id, 'x'.repeat(2_000))).toBe('cancelling');
    await eventually(async () => (await queue.getJobStatus(id))?.status === 'cancelled');
    expect(seen).toEqual(['started', [expect.stringMatching(/^x{900,1000}/), { to: 'a' }, true]]);
  });

  it('refuses wrong arguments before it asks the storage', async () => {
    const { queue } = await startQueueApp({ providers: [HandlerJob] });
    await expect(queue.cancel('a b')).rejects.toMatchObject({ code: 'ERR_INVALID_JOB_ID' });
    await expect(queue.cancel('a', 5 as never)).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: expect.stringContaining('"reason": expected a string'),
    });
  });
});

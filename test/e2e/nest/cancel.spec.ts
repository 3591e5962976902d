import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Job,
  JobCancelledError,
  QueueModule,
  Worker,
  type JobContext,
  type JobHandler,
  type JobInterface,
} from 'nestjs-job-queue';
import { eventually } from '../../support/eventually.js';
import { closeQueueApps, startQueueApp } from './queue-app.js';

const seen: unknown[] = [];
beforeEach(() => void seen.splice(0));
afterEach(closeQueueApps);

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

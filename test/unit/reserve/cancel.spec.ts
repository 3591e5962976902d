import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { ReservedJob } from 'nestjs-job-queue';
import { JobCancelledError, LeaseLostError, QueueClosedError } from '../../../lib/queue.errors.js';
import { eventually } from '../../support/eventually.js';
import { BulkJob, ManagerScene } from '../dispatch/manager-scene.js';

let scene: ManagerScene;
let id: string;

beforeEach(async () => {
  scene = new ManagerScene({ worker: { lease: 10 } });
  id = await scene.manager.push(BulkJob, 1);
});
afterEach(() => scene.close());

async function pop(): Promise<ReservedJob> {
  return (await scene.manager.pop())!;
}

describe('the signal of a reserved job', () => {
  test.each(['before', 'after'])('is aborted when the job is cancelled, if it is read %s that', async (when) => {
    const job = await pop();
    if (when === 'before') expect(job.signal.aborted).toBe(false);
    expect(await scene.manager.cancel(id, 'no use')).toBe('cancelling');
    await eventually(() => job.signal.aborted);
    expect(job.signal.reason).toEqual(new JobCancelledError(id, 'no use'));
  });

  test('is aborted when the lease is lost', async () => {
    const consume = jest.spyOn(scene.driver, 'consume');
    let lose = (): void => undefined;
    consume.mockImplementation((queue, options) => {
      lose = options.onLost;
      return jest.mocked(Object.getPrototypeOf(scene.driver)).consume.call(scene.driver, queue, options);
    });
    const job = await pop();
    lose();
    expect(job.signal.reason).toEqual(new LeaseLostError('default'));
  });

  test('is aborted when the application closes before the job is settled', async () => {
    const [job, settled] = [await pop(), (await scene.manager.push(BulkJob, 2), await pop())];
    await settled.complete();
    await scene.close();
    expect(job.signal.reason).toBeInstanceOf(QueueClosedError);
    expect(settled.signal.aborted).toBe(false);
  });
});

describe('a reserved job that was cancelled', () => {
  test.each([
    ['complete', 'completed'],
    ['fail', 'cancelled'],
    ['release', 'cancelled'],
  ] as const)('by %s() becomes %s', async (method, status) => {
    const job = await pop();
    await scene.manager.cancel(id, 'no use');
    await eventually(() => job.signal.aborted);
    await (method === 'fail' ? job.fail('broken') : job[method]());
    expect(await scene.manager.getJobStatus(id)).toMatchObject({
      status,
      attempt: 1,
      ...(status === 'cancelled' && { error: 'no use' }),
    });
  });
});

import { describe, expect, it } from '@jest/globals';
import { defineJob, InvalidOptionError, Job, jobSpec, QueueAdmin, type JobHandler } from 'nestjs-job-queue';
import { startQueueApp, TEST_OPTIONS, useSeen } from './queue-app.js';

const seen = useSeen();

const Clean = defineJob<string>('clean', { priority: -3 });

@Job(Clean)
class CleanHandler implements JobHandler<string> {
  handle(data: string): void {
    seen.push(data);
  }
}

@Job({ priority: 5 })
class Urgent implements JobHandler<string> {
  handle(data: string): void {
    seen.push(data);
  }
}

@Job({ priority: 1 })
class Plain implements JobHandler<string> {
  handle(data: string): void {
    seen.push(data);
  }
}

class Late extends Plain {}
Job({ priority: 2 })(Late);

const providers = [CleanHandler, Urgent, Plain, Late];

describe('the priority of a job', () => {
  it('comes from its class or definition, and the push beats it', async () => {
    const app = await startQueueApp({ providers });
    await app.queue.push(Clean, 'clean');
    await app.queue.push('clean', 'clean first', { priority: 10 });
    await app.queue.push(Plain, 'plain');
    await app.queue.push(Late, 'of a subclass');
    await app.queue.push(Urgent, 'urgent');
    await app.queue.push(Urgent, 'not urgent', { priority: 0 });
    await app.queue.pushMany([
      jobSpec(Urgent, 'last', { priority: -1_000 }),
      jobSpec(Plain, 'first', { priority: 1_000, id: 'first' }),
    ]);
    await app.queue.later(Plain, 'later', 0, { priority: 999 });
    await app.run('first');
    expect(seen).toEqual([
      'first',
      'later',
      'clean first',
      'urgent',
      'of a subclass',
      'plain',
      'not urgent',
      'clean',
      'last',
    ]);
  });

  it('is told by the details of a job', async () => {
    const app = await startQueueApp({ providers });
    const ids = [await app.queue.push(Urgent, 'a'), await app.queue.push(Urgent, 'b', { priority: 0 })];
    const admin = app.app.get(QueueAdmin);
    const details = await Promise.all(ids.map((id) => admin.job(id)));
    expect(details.map((job) => job?.priority)).toEqual([5, 0]);
    expect((await admin.jobs('default', 'queued')).jobs.map(({ id }) => id)).toEqual(ids);
  });

  it.each([1_001, -1_001, 1.5, '5', Number.NaN])('of %p is refused before anything is written', async (priority) => {
    const app = await startQueueApp({ providers });
    const push = app.queue.push(Urgent, 'a', { priority: priority as number });
    await expect(push).rejects.toThrow(InvalidOptionError);
    await expect(push).rejects.toThrow(/priority.*a whole number from -1000 to 1000/);
    expect(() => defineJob('a', { priority: priority as number })).toThrow(InvalidOptionError);
    expect(await app.queue.counts()).toMatchObject({ ready: 0 });
  });

  it.each([
    [0, 0],
    [0.5, 3],
  ])('leaves the lowest one a share of %p', async (lowPriorityShare, count) => {
    const queues = { default: { lowPriorityShare } };
    const app = await startQueueApp({ providers }, { ...TEST_OPTIONS, queues });
    await app.queue.pushMany(Urgent, ['a', 'b', 'c', 'd', 'e', 'f']);
    await app.queue.pushMany(Clean, ['x', 'y', 'z', 'v', 'w', 'u']);
    const claimed: unknown[] = [];
    for (let at = 0; at < 6; at++) {
      const job = await app.queue.pop<string>();
      claimed.push(job?.data);
      await job?.complete();
    }
    expect(claimed.filter((data) => 'xyzvwu'.includes(data as string))).toHaveLength(count);
  });

  it.each([-0.1, 0.6, '1'])('takes no share of %p', async (lowPriorityShare) => {
    const queues = { '*': { lowPriorityShare: lowPriorityShare as number } };
    await expect(startQueueApp({ providers }, { ...TEST_OPTIONS, queues })).rejects.toThrow(
      /lowPriorityShare.*a number from 0 to 0.5/,
    );
  });
});

import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  defineJob,
  InvalidOptionError,
  Job,
  jobSpec,
  OnQueueEvent,
  QueueAdmin,
  QueueBusyError,
  QueueSchedules,
  Worker,
  type JobContext,
  type JobHandlerOf,
  type QueueEvent,
  type QueueModuleOptions,
} from 'nestjs-job-queue';
import { QUEUE_DRIVER } from '../../../lib/queue.tokens.js';
import type { PartitionedDriver } from '../../../lib/partitions/partitioned.driver.js';
import { numbered } from '../../contract/scene.js';
import { useRedis } from '../../support/use-redis.js';
import { startQueueApp, useSeen, type QueueApp } from './queue-app.js';

const seen = useSeen() as string[];
const QUEUE = 'events';

interface Click {
  readonly number: number;
  readonly fails?: boolean;
  readonly holds?: boolean;
}

const Count = defineJob<Click, number | undefined>('count-click', { queue: QUEUE });

const Merge = defineJob<Click>('merge-clicks', {
  queue: QUEUE,
  group: 'g',
  debounce: { key: 'k', wait: 60, merge: (a, b) => ({ number: a.number + b.number }) },
});

@Job(Count)
class CountHandler implements JobHandlerOf<typeof Count> {
  async handle({ number, fails, holds }: Click, job: JobContext): Promise<number | undefined> {
    seen.push(`${job.queue} ${number}`);
    if (holds) job.release(60, { hold: 'queue' });
    if (fails) throw new Error('no luck');
    return number * 2;
  }
}

class Listener {
  static readonly told: string[] = [];

  @OnQueueEvent('completed')
  completed({ type, queue }: QueueEvent<'completed'>): void {
    Listener.told.push(`${type} ${queue}`);
  }

  @OnQueueEvent('queue-drained')
  drained({ type, queue }: QueueEvent<'queue-drained'>): void {
    Listener.told.push(`${type} ${queue}`);
  }

  @OnQueueEvent('queue-paused')
  paused({ type, queue }: QueueEvent<'queue-paused'>): void {
    Listener.told.push(`${type} ${queue}`);
  }
}

const redis = useRedis();
const STORAGES = {
  array: () => ({ driver: 'array' as const }),
  redis: () => ({ driver: 'redis' as const, redis: { url: redis.url } }),
};
let storage: keyof typeof STORAGES = 'array';

async function start(settings: QueueModuleOptions['queues'] = {}, partitions = 8) {
  Listener.told.splice(0);
  const app = await startQueueApp(
    { providers: [CountHandler, Listener] },
    {
      ...STORAGES[storage](),
      queues: { ...settings, [QUEUE]: { partitions, ...settings[QUEUE] } },
      worker: { enabled: false, concurrency: 100 },
    },
  );
  return { ...toolsOf(app), app };
}

function toolsOf(app: QueueApp) {
  const { queue } = app;
  const driver = app.app.get<PartitionedDriver>(QUEUE_DRIVER);
  return { queue, admin: app.app.get(QueueAdmin), worker: app.app.get(Worker), driver };
}

const clicks = (count: number): Click[] => Array.from({ length: count }, (_, number) => ({ number }));

describe.each(['array', 'redis'] as const)('a queue with eight partitions on %s', (name) => {
  beforeEach(() => void (storage = name));

  test('spreads its jobs, and is one queue for all who ask', async () => {
    const { queue, admin, driver, worker } = await start();
    const ids = await queue.pushMany(Count, clicks(64));
    expect(new Set(ids).size).toBe(64);
    const stored = await driver.inner.queues();
    expect(stored).toHaveLength(8);
    expect(await queue.counts(QUEUE)).toMatchObject({ ready: 64, reserved: 0 });
    expect(await queue.queues()).toEqual([QUEUE]);
    expect(await admin.queues()).toMatchObject([{ name: QUEUE, counts: { ready: 64 }, consumers: 0, limits: {} }]);
    expect(await queue.getJobStatus(ids[3]!)).toMatchObject({ status: 'queued', queue: QUEUE });
    expect(await queue.getJob(ids[3]!)).toMatchObject({ id: ids[3], queue: QUEUE, data: { number: 3 } });
    await worker.run({ stopWhenEmpty: true });
    expect(seen.toSorted()).toEqual(
      clicks(64)
        .map(({ number }) => `${QUEUE} ${number}`)
        .toSorted(),
    );
    expect(await queue.counts(QUEUE)).toMatchObject({ ready: 0, reserved: 0 });
    expect(await queue.getJobStatus(ids[3]!)).toMatchObject({ status: 'completed', queue: QUEUE });
    const completed = Listener.told.filter((told) => told === `completed ${QUEUE}`);
    expect(completed).toHaveLength(64);
    expect(Listener.told.slice(64)).toEqual([`queue-drained ${QUEUE}`]);
    const { total } = await admin.stats(QUEUE);
    expect(total).toMatchObject({ completed: 64, failed: 0, run: { p50: expect.any(Number) } });
  });

  test('is paused, resumed and cleared as one', async () => {
    const { queue, admin, worker } = await start();
    await queue.pushMany(Count, clicks(40));
    await admin.pause(QUEUE);
    expect(await admin.queue(QUEUE)).toMatchObject({ paused: true });
    expect(await worker.runOnce()).toBe(0);
    expect(Listener.told).toEqual([`queue-paused ${QUEUE}`]);
    await admin.resume(QUEUE);
    expect(await admin.queue(QUEUE)).toMatchObject({ paused: false });
    worker.pause(QUEUE);
    expect(await worker.runOnce()).toBe(0);
    worker.resume(QUEUE);
    expect(await queue.clear(QUEUE)).toBe(40);
    expect(await queue.counts(QUEUE)).toMatchObject({ ready: 0 });
  });

  test('keeps a group in order, and holds its limits', async () => {
    const { queue, worker, driver } = await start({ [QUEUE]: { groups: { concurrency: 1 } } });
    for (const group of ['a', 'b', 'c']) await queue.pushMany(Count, clicks(5), { group });
    expect((await driver.inner.queues()).length).toBeLessThanOrEqual(3);
    await worker.run({ stopWhenEmpty: true, concurrency: 3 });
    expect(seen).toHaveLength(15);
    expect(seen.filter((each) => each === `${QUEUE} 0`)).toHaveLength(3);
  });

  test('knows unique jobs, and ids that it was given', async () => {
    const { queue } = await start();
    const first = await queue.dispatch(Count, { number: 1 }, { unique: { key: 'k' } });
    expect(await queue.dispatch(Count, { number: 2 }, { unique: { key: 'k' } })).toEqual({
      id: first.id,
      outcome: 'duplicate',
    });
    expect(await queue.dispatch(Count, { number: 1 }, { id: 'given' })).toMatchObject({ outcome: 'queued' });
    expect(await queue.dispatch(Count, { number: 1 }, { id: 'given' })).toMatchObject({ outcome: 'duplicate' });
    // Another group is another partition, and it is the same job all the same.
    for (const group of ['a', 'b', 'c', 'd']) {
      expect(await queue.dispatch(Count, { number: 1 }, { id: 'given', group })).toMatchObject({
        outcome: 'duplicate',
      });
    }
    expect(await queue.counts(QUEUE)).toMatchObject({ ready: 2 });
  });

  test('debounces and merges by a key', async () => {
    const { queue, admin } = await start();
    const id = await queue.push(Merge, { number: 1 });
    expect(await queue.dispatch(Merge, { number: 4 })).toEqual({ id, outcome: 'replaced' });
    expect(await admin.job(id)).toMatchObject({ data: { number: 5 }, state: 'delayed' });
    const other = await queue.dispatch(Merge, { number: 4 }, { debounce: { key: 'other' }, group: 'h' });
    expect(other).toMatchObject({ outcome: 'delayed' });
  });

  test('waits for jobs, and gives their results', async () => {
    const { queue, worker } = await start();
    worker.start();
    const numbers = Array.from({ length: 20 }, (_, number) => number);
    const waits = numbers.map((number) => queue.pushAndWait(Count, { number }, { timeout: 5 }));
    expect(await Promise.all(waits)).toEqual(numbers.map((number) => number * 2));
    const ofGroup = queue.pushAndWait(Count, { number: 4 }, { timeout: 5, group: 'g', id: 'mine' });
    expect(await ofGroup).toBe(8);
    await worker.stop();
  });

  test('lists its jobs in one order, page by page, while jobs move', async () => {
    const { queue, admin } = await start();
    const ids: string[] = [];
    for (const [index, id] of numbered(30).entries()) {
      ids.push(await queue.push(Count, { number: index }, { id, delay: 100 + index }));
    }
    const all = await admin.jobs(QUEUE, 'delayed');
    expect(all.total).toBe(30);
    expect(all.jobs.map(({ id }) => id)).toEqual(ids);
    expect((await admin.jobs(QUEUE, 'delayed', { order: 'newest', limit: 3 })).jobs.map(({ id }) => id)).toEqual(
      ids.slice(-3).toReversed(),
    );
    expect((await admin.jobs(QUEUE, 'delayed', { offset: 11, limit: 4 })).jobs.map(({ id }) => id)).toEqual(
      ids.slice(11, 15),
    );
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await admin.jobs(QUEUE, 'delayed', { limit: 4, cursor });
      found.push(...page.jobs.map(({ id }) => id));
      ({ cursor } = page);
      // Those that were told are gone.
      if (page.jobs[1]) await admin.remove(page.jobs[1].id);
    } while (cursor !== undefined);
    expect(found).toEqual(ids);
  });

  test('shares its limits out, and refuses those that cannot be', async () => {
    const { admin, queue, worker } = await start({ [QUEUE]: { concurrency: 10 } });
    expect(await admin.queue(QUEUE)).toMatchObject({ limits: { concurrency: 10 }, limitsSet: false });
    await expect(admin.setLimits(QUEUE, { concurrency: 7 })).rejects.toThrow(
      'Option "limits.concurrency": expected at least 8, one for each of the 8 partitions of the queue, got 7',
    );
    await admin.setLimits(QUEUE, { concurrency: 12, rateLimit: { max: 20, per: 60 } });
    expect(await admin.queue(QUEUE)).toMatchObject({
      limits: { concurrency: 12, rateLimit: { max: 20, per: 60 } },
      limitsSet: true,
    });
    await queue.pushMany(Count, clicks(200));
    await worker.run({ queues: [QUEUE], maxTime: 0.3 });
    expect(seen).toHaveLength(20);
    expect(await queue.counts(QUEUE)).toMatchObject({ ready: 0, blocked: 180 });
    await admin.setLimits(QUEUE, null);
    expect(await admin.queue(QUEUE)).toMatchObject({ limits: { concurrency: 10 }, limitsSet: false });
  });

  test.each([
    [{ partitions: 0 }, 'queues.events.partitions'],
    [{ partitions: 257 }, 'queues.events.partitions'],
    [{ partitions: 1.5 }, 'queues.events.partitions'],
    [{ partitions: '8' as never }, 'queues.events.partitions'],
    [{ partitions: 8, concurrency: 7 }, 'queues.events.concurrency'],
    [{ partitions: 8, rateLimit: { max: 3, per: 1 } }, 'queues.events.rateLimit.max'],
    [{ partitions: 'stored' as const, concurrency: 8 }, 'queues.events.partitions'],
  ])('refuses %j at the start', async (settings, option) => {
    const starting = start({ [QUEUE]: settings }, 8);
    await expect(starting).rejects.toBeInstanceOf(InvalidOptionError);
    await expect(starting).rejects.toMatchObject({ option });
  });

  test('is held back as one, and the hold is ended as one', async () => {
    const { queue, admin, worker } = await start();
    const held = await queue.push(Count, { number: 1, holds: true });
    await worker.runOnce();
    await queue.pushMany(Count, clicks(40));
    expect(await queue.counts(QUEUE)).toMatchObject({ ready: 0, blocked: 40, delayed: 1 });
    expect((await admin.queue(QUEUE)).heldUntil).toBeInstanceOf(Date);
    expect(await worker.runOnce()).toBe(0);
    expect(await admin.endHold(QUEUE)).toBe(true);
    expect(await queue.counts(QUEUE)).toMatchObject({ ready: 40, blocked: 0 });
    expect(await queue.getJobStatus(held)).toMatchObject({ status: 'delayed', queue: QUEUE });
  });

  test('has its failed jobs retried, moved and flushed as one', async () => {
    const { queue, admin, worker } = await start({ other: { partitions: 4 } });
    const failing = clicks(20).map(({ number }) => ({ number, fails: true }));
    await queue.pushMany(Count, failing);
    await worker.run({ stopWhenEmpty: true });
    expect(await queue.counts(QUEUE)).toMatchObject({ failed: 20 });
    const { jobs } = await admin.jobs(QUEUE, 'failed', { order: 'oldest' });
    expect(jobs.map(({ endedAt }) => Number(endedAt))).toEqual(
      jobs.map(({ endedAt }) => Number(endedAt)).toSorted((a, b) => a - b),
    );
    expect(await admin.retry(jobs.slice(0, 2).map(({ id }) => id))).toBe(2);
    expect(await admin.retryAll(QUEUE, { limit: 3 })).toBe(3);
    expect(await admin.retryAll(QUEUE, { limit: 10, to: 'other' })).toBe(10);
    expect(await queue.counts('other')).toMatchObject({ ready: 10 });
    expect(await queue.counts(QUEUE)).toMatchObject({ ready: 5, failed: 5 });
    expect(await admin.flush(QUEUE)).toBe(5);
    expect(await queue.counts(QUEUE)).toMatchObject({ ready: 5, failed: 0 });
  });

  test('has its waiting jobs cancelled and changed by id, and all at once', async () => {
    const { queue, admin } = await start();
    const ids = await queue.pushMany(Count, clicks(20), { delay: 60 });
    expect(await queue.cancel(ids[0]!)).toBe('cancelled');
    expect(await admin.promote(ids[1]!)).toBe(true);
    expect(await admin.reschedule(ids[2]!, 5)).toBe(true);
    expect(await admin.setData(ids[3]!, { number: 33 })).toBe(true);
    expect(await queue.getJob(ids[3]!)).toMatchObject({ data: { number: 33 } });
    await queue.updateJobStatus(ids[4]!, 'processing');
    expect(await queue.getJobStatus(ids[4]!)).toMatchObject({ status: 'processing', queue: QUEUE });
    expect(await admin.cancelAll(QUEUE)).toBe(19);
    expect((await admin.jobs(QUEUE, 'cancelled')).total).toBe(20);
    expect(await admin.clear(QUEUE, { states: 'cancelled' })).toBe(20);
  });

  test('runs chains, batches and schedules', async () => {
    const { queue, worker, app } = await start();
    const chain = await queue.chain(clicks(6).map((click) => jobSpec(Count, click)));
    const batch = await queue.batch(
      clicks(50).map((click) => jobSpec(Count, click)),
      { then: jobSpec(Count, { number: 1000 }) },
    );
    await app.app.get(QueueSchedules).set('s', { every: '1h', job: jobSpec(Count, { number: 2000 }) });
    expect(await app.app.get(QueueSchedules).runNow('s')).toEqual(expect.any(String));
    for (let round = 0; round < 12; round++) await worker.run({ stopWhenEmpty: true });
    expect(await queue.getChain(chain.id)).toMatchObject({ state: 'completed', completed: 6 });
    expect(await queue.getBatch(batch.id)).toMatchObject({ state: 'completed', completed: 50 });
    expect(seen).toContain(`${QUEUE} 1000`);
    expect(seen).toContain(`${QUEUE} 2000`);
  });

  test('gives jobs to a caller of pop, and is removed only while none runs', async () => {
    const { queue, admin } = await start();
    await queue.pushMany(Count, clicks(10));
    const popped = await Promise.all(clicks(10).map(() => queue.pop(QUEUE)));
    expect(new Set(popped.map((job) => job!.id)).size).toBe(10);
    expect(popped[0]!.queue).toBe(QUEUE);
    expect(await queue.pop(QUEUE)).toBeNull();
    await expect(admin.obliterate(QUEUE)).rejects.toThrow(QueueBusyError);
    for (const job of popped.slice(1)) await job!.complete();
    await expect(admin.obliterate(QUEUE)).rejects.toThrow(QueueBusyError);
    expect((await admin.jobs(QUEUE, 'completed')).jobs).toHaveLength(9);
    await popped[0]!.complete();
    await admin.obliterate(QUEUE);
    expect(await queue.queues()).toEqual([]);
  });
});

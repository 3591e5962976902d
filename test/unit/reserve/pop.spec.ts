import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  InvalidDelayError,
  InvalidOptionError,
  JobSettledError,
  QueueClosedError,
  StorageCorruptError,
} from '../../../lib/queue.errors.js';
import { BulkJob, EmailJob, ManagerScene, PictureJob } from '../dispatch/manager-scene.js';

let scene: ManagerScene;

beforeEach(() => void (scene = new ManagerScene({ worker: { lease: 10 } })));
afterEach(() => scene.close());

/** Lets another consumer claim jobs and lose its lease, so that the jobs are recovered. */
async function crash(): Promise<void> {
  const consumer = scene.driver.consume('default', { lease: 1, onLost() {} });
  await consumer.poll({ settlements: [], limit: 10, recovered: true });
  await consumer.close();
  await scene.clock.advance(5);
}

describe('a reserved job', () => {
  test('contains the facts of the job', async () => {
    const id = await scene.manager.push(EmailJob, { to: 'ada' });
    const job = await scene.manager.pop('emails');
    expect(job).toMatchObject({ id, name: 'EmailJob', queue: 'emails', data: { to: 'ada' }, attempt: 1, maxTries: 7 });
    expect(job?.fence).toBeGreaterThan(0);
    expect(job?.pushedAt).toEqual(new Date(scene.clock.now()));
    expect(await scene.manager.getJobStatus(id)).toMatchObject({ status: 'processing', attempt: 1 });
  });

  test('contains the properties of a pushed instance as data', async () => {
    await scene.manager.push(new PictureJob('a.png'));
    expect(await scene.manager.pop()).toMatchObject({ data: { path: 'a.png', width: 640 }, maxTries: 3 });
  });

  test('can have a name without a registered class', async () => {
    await scene.driver.push('default', [{ id: 'a', body: 'hSomeJob\t{"m":9}\n5', delay: 0 }], false);
    expect(await scene.manager.pop()).toMatchObject({ name: 'SomeJob', data: 5, maxTries: 9 });
  });

  test('is completed by complete()', async () => {
    const id = await scene.manager.push(BulkJob, 1);
    await (await scene.manager.pop())?.complete();
    expect(await scene.manager.getJobStatus(id)).toMatchObject({ status: 'completed' });
    expect(await scene.manager.counts()).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
  });

  test('is failed for good by fail() with an error or a text', async () => {
    for (const error of [new Error('broken'), 'broken']) {
      const id = await scene.manager.push(BulkJob, 1);
      await (await scene.manager.pop())?.fail(error);
      expect(await scene.manager.getJobStatus(id)).toMatchObject({ status: 'failed', error: 'broken', attempt: 1 });
    }
    expect(await scene.manager.counts()).toMatchObject({ failed: 2 });
  });

  test('says how often it was released, and fails when it is released more often than it may be', async () => {
    const id = await scene.manager.push(BulkJob, 1, { maxReleases: 1 });
    const first = await scene.manager.pop();
    expect(first?.releases).toBe(0);
    await first?.release();
    const second = await scene.manager.pop();
    expect(second?.releases).toBe(1);
    await second?.release();
    expect(await scene.manager.getJobStatus(id)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('may not be released again'),
    });
    const [failure] = (await scene.driver.lists.find(id, ['default']))!.failures;
    expect(failure?.stack).toContain('TooManyReleasesError');
  });

  test('is released by release(), at once to the back or after a delay, without a counted attempt', async () => {
    const [first, second] = await scene.manager.pushMany(BulkJob, [1, 2]);
    await (await scene.manager.pop())?.release();
    expect(await scene.manager.pop()).toMatchObject({ id: second });
    const again = await scene.manager.pop();
    expect(again).toMatchObject({ id: first, attempt: 1 });
    await again?.release('5s');
    expect(await scene.manager.pop()).toBeNull();
    await scene.clock.advance(5);
    expect(await scene.manager.pop()).toMatchObject({ id: first, attempt: 1 });
  });

  test('holds its queue back by release() with a hold', async () => {
    const [first, second] = await scene.manager.pushMany(BulkJob, [1, 2]);
    const job = await scene.manager.pop();
    await expect(job!.release('5s', { hold: 'all' as never })).rejects.toThrow(InvalidOptionError);
    await job!.release('5s', { hold: 'queue' });
    expect(await scene.manager.pop()).toBeNull();
    await scene.clock.advance(5);
    expect(await scene.manager.pop()).toMatchObject({ id: second });
    expect(await scene.manager.pop()).toMatchObject({ id: first, releases: 1 });
  });

  test('refuses a second settlement', async () => {
    await scene.manager.push(BulkJob, 1);
    const job = await scene.manager.pop();
    const first = job!.complete();
    await expect(job!.complete()).rejects.toThrow(JobSettledError);
    await first;
    await expect(job!.fail('late')).rejects.toThrow(/settled already/);
    await expect(job!.release()).rejects.toMatchObject({ code: 'ERR_SETTLED', jobId: job!.id });
  });

  test('refuses an invalid delay, and can still be settled', async () => {
    await scene.manager.push(BulkJob, 1);
    const job = await scene.manager.pop();
    await expect(job!.release(-1)).rejects.toThrow(InvalidDelayError);
    await job!.complete();
  });

  test('is held longer than its lease, and refuses a settlement after its lease was lost', async () => {
    await scene.manager.push(BulkJob, 1);
    const job = await scene.manager.pop();
    await scene.clock.advance(100);
    expect(await scene.claim()).toEqual([]);

    const consume = jest.spyOn(scene.driver, 'consume');
    let onLost = (): void => undefined;
    consume.mockImplementation((queue, options) => {
      onLost = options.onLost;
      return jest.mocked(Object.getPrototypeOf(scene.driver)).consume.call(scene.driver, queue, options);
    });
    await scene.manager.push(BulkJob, 2, 'other');
    const other = await scene.manager.pop('other');
    onLost();
    await expect(other!.complete()).rejects.toThrow(/its lease was lost/);
    await job!.complete();
  });

  test('can be settled again if the storage refused the settlement', async () => {
    await scene.manager.push(BulkJob, 1);
    const consumer = scene.driver.consume('default', { lease: 10, onLost() {} });
    const poll = jest.spyOn(consumer, 'poll');
    jest.spyOn(scene.driver, 'consume').mockReturnValue(consumer);
    const job = await scene.manager.pop();
    poll.mockRejectedValueOnce(new StorageCorruptError('default'));
    await expect(job!.complete()).rejects.toThrow(StorageCorruptError);
    await job!.complete();
  });
});

describe('pop()', () => {
  test('returns null if no job is ready', async () => {
    expect(await scene.manager.pop()).toBeNull();
    await scene.manager.later(BulkJob, 1, 5);
    expect(await scene.manager.pop()).toBeNull();
  });

  test('hands out jobs in their order, each once, to several callers', async () => {
    const ids = await scene.manager.pushMany(BulkJob, [1, 2, 3]);
    const jobs = await Promise.all(Array.from({ length: 5 }, () => scene.manager.pop()));
    expect(jobs.map((job) => job?.id)).toEqual([...ids, undefined, undefined]);
  });

  test('sends one poll at a time for all claims and settlements of a turn', async () => {
    const consumer = scene.driver.consume('default', { lease: 10, onLost() {} });
    const poll = jest.spyOn(consumer, 'poll');
    jest.spyOn(scene.driver, 'consume').mockReturnValue(consumer);
    await scene.manager.pushMany(BulkJob, [1, 2, 3, 4]);
    const jobs = await Promise.all([scene.manager.pop(), scene.manager.pop(), scene.manager.pop()]);
    expect(poll).toHaveBeenCalledTimes(1);
    await Promise.all([...jobs.map((job) => job?.complete()), scene.manager.pop()]);
    expect(poll).toHaveBeenCalledTimes(2);
    expect(poll.mock.lastCall?.[0].settlements).toHaveLength(3);
    expect(poll.mock.lastCall?.[0].limit).toBe(1);
  });

  test('fails unreadable jobs, and returns the next job', async () => {
    const bad = ['no header', 'xBulkJob\n1', 'hBulkJob\n{broken', 'hBulkJob\t{broken\n1'];
    const jobs = bad.map((body, index) => ({ id: `bad-${index}`, body, delay: 0 }));
    await scene.driver.push('default', jobs, false);
    const id = await scene.manager.push(BulkJob, 1);
    expect(await scene.manager.pop()).toMatchObject({ id });
    for (const job of jobs) {
      expect(await scene.manager.getJobStatus(job.id)).toMatchObject({
        status: 'failed',
        error: expect.stringMatching(`Job ${job.id} cannot be read`),
      });
    }
    expect(scene.messages).toHaveLength(4);
    expect(scene.messages.join()).not.toContain('{broken');
  });

  test('ends jobs that were not taken in time, and goes on to the next one', async () => {
    const ids = await scene.manager.pushMany(BulkJob, [1, 2], { expiresIn: '1m' });
    const last = await scene.manager.push(BulkJob, 3);
    const later = await scene.manager.later(BulkJob, 4, '10s', { expiresIn: '1m' });
    await scene.clock.advance(60);
    expect(await scene.manager.pop()).toMatchObject({ id: last });
    for (const id of ids) {
      expect(await scene.manager.getJobStatus(id)).toMatchObject({ status: 'cancelled', error: 'expired', attempt: 0 });
    }
    expect(await scene.manager.pop()).toMatchObject({ id: later });
    await scene.manager.pushMany(BulkJob, [5, 6], { expiresIn: '1m' });
    await scene.clock.advance(60);
    expect(await scene.manager.pop()).toBeNull();
    expect(await scene.manager.counts()).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 2, failed: 0 });
  });

  test('has the time for further tries of its push, and is not handed out for a try after its end', async () => {
    const id = await scene.manager.push(BulkJob, 1, { maxTries: Infinity, retryFor: '1h', backoff: ['10m'] });
    await scene.clock.advance(100);
    const consumer = scene.driver.consume('default', { lease: 1, onLost() {} });
    const claim = async () => (await consumer.poll({ settlements: [], limit: 1, recovered: false })).jobs[0]!;
    const retry = { kind: 'retry', error: 'no', delay: 0 } as const;
    const settlements = [{ ...retry, id, fence: (await claim()).fence }];
    await consumer.poll({ settlements, limit: 0, recovered: false });
    const second = await scene.manager.pop();
    expect(second).toMatchObject({ attempt: 2, maxTries: Infinity, isLastTry: false });
    await scene.clock.advance(3_000);
    expect(second?.isLastTry).toBe(true);
    await second?.release();
    await scene.clock.advance(500);
    expect(await scene.manager.pop()).toMatchObject({ id });
    await scene.manager.close();
  });

  test('fails a job whose next try comes after the end of its retryFor', async () => {
    const id = await scene.manager.push(BulkJob, 1, { retryFor: '1m' });
    const consumer = scene.driver.consume('default', { lease: 1, onLost() {} });
    const [job] = (await consumer.poll({ settlements: [], limit: 1, recovered: false })).jobs;
    const settlements = [{ kind: 'retry', error: 'no', delay: 0, id, fence: job!.fence } as const];
    await consumer.poll({ settlements, limit: 0, recovered: false });
    await scene.clock.advance(61);
    expect(await scene.manager.pop()).toBeNull();
    expect(await scene.manager.getJobStatus(id)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('its time for further tries (retryFor) is over'),
    });
  });

  test('lets a job that was taken in time expire no more, also if it is requeued at the close', async () => {
    const released = await scene.manager.push(BulkJob, 1, { expiresIn: '1m' });
    const held = await scene.manager.push(BulkJob, 2, { expiresIn: '1m' });
    await (await scene.manager.pop())?.release();
    expect(await scene.manager.pop()).toMatchObject({ id: held });
    await scene.manager.close();
    const claimed = await scene.claim();
    expect(claimed.map(({ id, releases }) => [id, releases])).toEqual([
      [held, 0],
      [released, 1],
    ]);
  });

  test('hands out one recovered job at a time, and fails a job after three crashes', async () => {
    const ids = await scene.manager.pushMany(BulkJob, [1, 2]);
    await crash();
    const jobs = await Promise.all([scene.manager.pop(), scene.manager.pop()]);
    expect(jobs.filter(Boolean)).toHaveLength(1);
    await jobs.find(Boolean)?.complete();
    const second = await scene.manager.pop();
    expect(ids).toContain(second?.id);
    await second?.complete();

    const id = await scene.manager.push(BulkJob, 3);
    for (let i = 0; i < 3; i++) await crash();
    expect(await scene.manager.pop()).toBeNull();
    expect(await scene.manager.getJobStatus(id)).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/was lost 3 times/),
    });

    const once = await scene.manager.push(BulkJob, 4, { maxCrashes: 1 });
    await crash();
    expect(await scene.manager.pop()).toBeNull();
    expect(await scene.manager.getJobStatus(once)).toMatchObject({ status: 'failed' });
  });

  test('is refused after the manager was closed, and the reserved jobs are requeued', async () => {
    const ids = await scene.manager.pushMany(BulkJob, [1, 2, 3]);
    const first = await scene.manager.pop();
    await (await scene.manager.pop())?.complete();
    await scene.manager.close();
    await expect(scene.manager.pop()).rejects.toThrow(QueueClosedError);
    await expect(first!.complete()).rejects.toThrow(JobSettledError);
    expect((await scene.claim()).map(({ id, attempt }) => [id, attempt])).toEqual([
      [ids[0], 1],
      [ids[2], 1],
    ]);
  });

  test('does not delay the close of the manager for more than five seconds', async () => {
    await scene.manager.push(BulkJob, 1);
    const consumer = scene.driver.consume('default', { lease: 10, onLost() {} });
    jest.spyOn(scene.driver, 'consume').mockReturnValue(consumer);
    await scene.manager.pop();
    jest.spyOn(consumer, 'poll').mockReturnValue(new Promise(() => undefined));
    const closing = scene.manager.close();
    await scene.clock.advance(5);
    await closing;
  });
});

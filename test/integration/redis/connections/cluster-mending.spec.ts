import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  Job,
  QUEUE_DRIVER,
  QueueAdmin,
  QueueBusyError,
  Worker,
  type JobContext,
  type JobHandler,
  type QueueManager,
} from 'nestjs-job-queue';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { claim, fail, settle } from '../../../contract/scene.js';
import { closeQueueApps, startQueueApp, type QueueApp } from '../../../e2e/nest/queue-app.js';
import { eventually } from '../../../support/eventually.js';
import { rawCommand, rawStrings } from '../../../support/raw-redis.js';
import { startRedisCluster, type TestRedisCluster } from '../../../support/redis-cluster.js';

/** The queues are in slots of different masters. */
const QUEUE = 'mail';
const OTHER = 'images';

let refuses = true;

@Injectable()
@Job({ queue: QUEUE })
class MailJob implements JobHandler<string> {
  handle(to: string): string {
    if (refuses) throw new Error('not now');
    return `sent to ${to}`;
  }
}

@Injectable()
@Job({ queue: QUEUE })
class LongJob implements JobHandler<null> {
  static started: () => void;

  async handle(_: null, { signal }: JobContext): Promise<void> {
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
    LongJob.started();
    await aborted;
    throw new Error('aborted');
  }
}

describe('an operator on a cluster of three masters', () => {
  let cluster: TestRedisCluster;
  let started: QueueApp;
  let admin: QueueAdmin;
  let queue: QueueManager;
  let driver: RedisDriver;

  beforeAll(async () => {
    cluster = await startRedisCluster();
  }, 120_000);
  beforeEach(async () => {
    for (const { port } of cluster.nodes) await rawCommand(port, 'FLUSHALL');
    const redis = { cluster: [...cluster.startupNodes] };
    started = await startQueueApp(
      { providers: [MailJob, LongJob] },
      { driver: 'redis', redis, worker: { queues: [QUEUE, OTHER] } },
    );
    admin = started.app.get(QueueAdmin);
    driver = started.app.get<RedisDriver>(QUEUE_DRIVER);
    ({ queue } = started);
    refuses = true;
  });
  afterEach(closeQueueApps);
  afterEach(() => void jest.restoreAllMocks());
  afterAll(() => cluster.stop());

  const keys = async (): Promise<string[]> =>
    (await Promise.all(cluster.nodes.map(({ port }) => rawStrings(port, 'KEYS', '*')))).flat();
  const pushFailed = async (...data: string[]): Promise<string[]> => {
    const ids = await queue.pushMany(MailJob, data);
    await started.run(ids[0]);
    return ids;
  };

  it('retries, removes and flushes failed jobs', async () => {
    const [a, b, c, d] = (await pushFailed('a', 'b', 'c', 'd')) as [string, string, string, string];
    expect(await queue.counts(QUEUE)).toMatchObject({ failed: 4 });
    expect(await admin.remove(c)).toBe(1);
    expect(await queue.getJobStatus(c)).toBeNull();
    refuses = false;
    expect(await admin.retry([a, 'nobody'])).toBe(1);
    expect(await started.run(a)).toMatchObject({ status: 'completed' });
    expect(await admin.retryAll(QUEUE, { name: 'MailJob', limit: 1 })).toBe(1);
    await started.run(b);
    expect(await queue.counts(QUEUE)).toMatchObject({ ready: 0, failed: 1 });
    expect(await admin.flush(QUEUE)).toBe(1);
    const states = await Promise.all([b, d].map((id) => queue.getJobStatus(id)));
    expect(states.filter((each) => each?.status === 'completed')).toHaveLength(1);
    expect(states).toContain(null);
  });

  it('moves jobs to a queue in another slot', async () => {
    const generated = await pushFailed('a', 'b', 'c');
    await queue.push(MailJob, 'd', { id: 'given' });
    await started.run('given');
    const [first, second, third] = generated as [string, string, string];
    const ids = [...generated, 'given'];
    const before = await queue.getJob(first);
    expect(await admin.retryAll(QUEUE, { to: OTHER })).toBe(4);
    expect(await queue.counts(QUEUE)).toMatchObject({ ready: 0, failed: 0 });
    expect(await queue.counts(OTHER)).toMatchObject({ ready: 4 });
    for (const id of ids) {
      expect(await queue.getJobStatus(id)).toMatchObject({ status: 'queued', queue: OTHER, attempt: 0 });
      expect(await queue.getJob(id)).toMatchObject({ id, state: 'queued', queue: OTHER, name: 'MailJob' });
    }
    expect(await queue.getJob(first)).toMatchObject({ pushedAt: before!.pushedAt, failures: before!.failures });
    expect(await admin.remove(second)).toBe(1);
    expect(await queue.cancel(third)).toBe('cancelled');
    refuses = false;
    expect(await started.run(first)).toMatchObject({ status: 'completed', attempt: 1 });
    expect(await queue.getJobStatus('given')).toMatchObject({ status: 'completed', queue: OTHER });
    expect((await keys()).filter((key) => /\{mail\}:(moving|moves|jobs|failed)$/.test(key))).toEqual([]);
    expect((await keys()).filter((key) => key.startsWith('job:status:{mail}:'))).toEqual([]);
  });

  it('moves a job back, and on to a third queue, and finds it', async () => {
    const [id] = (await pushFailed('a')) as [string];
    for (const [from, to] of [
      [QUEUE, OTHER],
      [OTHER, QUEUE],
      [QUEUE, OTHER],
      [OTHER, 'a'],
    ] as const) {
      expect(await admin.retryAll(from, { to })).toBe(1);
      expect(await queue.getJobStatus(id)).toMatchObject({ status: 'queued', queue: to });
      if (to !== 'a') expect(await started.run(id)).toMatchObject({ status: 'failed', queue: to });
    }
    expect((await queue.getJob(id))!.failures).toHaveLength(4);
  });

  it('leaves a job failed whose id a live job of the other queue has', async () => {
    await queue.push(MailJob, 'a', { id: 'order' });
    await started.run('order');
    await driver.push(OTHER, [{ id: 'order', body: 'hMailJob\n"live"', delay: 60, name: 'MailJob' }], true);
    const failed = await driver.lists.find('order', [QUEUE]);
    expect(await admin.retryAll(QUEUE, { to: OTHER })).toBe(0);
    expect(await driver.lists.find('order', [QUEUE])).toEqual(failed);
    expect(await queue.counts(QUEUE)).toMatchObject({ ready: 0, failed: 1 });
    expect(await queue.counts(OTHER)).toMatchObject({ ready: 0, delayed: 1 });
    expect((await keys()).filter((key) => /:(moving|moves)$/.test(key))).toEqual([]);
  });

  it('replaces what is kept of an ended job of the other queue', async () => {
    await queue.push(MailJob, 'a', { id: 'order' });
    await started.run('order');
    await driver.push(OTHER, [{ id: 'order', body: 'hMailJob\n"old"', delay: 0, name: 'MailJob' }], true);
    const consumer = driver.consume(OTHER, { lease: 30, onLost: () => undefined });
    await settle(consumer, ...(await claim(consumer, 1)).map((job) => fail(job)));
    await consumer.close();
    expect(await admin.retryAll(QUEUE, { to: OTHER })).toBe(1);
    expect(await queue.counts(OTHER)).toMatchObject({ ready: 1, failed: 0 });
    refuses = false;
    expect(await started.run('order')).toMatchObject({ status: 'completed', queue: OTHER });
  });

  it.each(['move-out', 'move-in', 'end-move'])('goes on after a process that died after the step %s', async (step) => {
    const ids = await pushFailed('a', 'b');
    const { commands } = driver['toolkit'];
    const run = commands.run.bind(commands);
    const spy = jest.spyOn(commands, 'run').mockImplementation(async (script, ...rest) => {
      const reply = await run(script, ...rest);
      if (script.name !== step) return reply;
      spy.mockImplementation(() => Promise.reject(new Error('killed')));
      throw new Error('killed');
    });
    await expect(admin.retryAll(QUEUE, { to: OTHER })).rejects.toThrow('killed');
    spy.mockRestore();
    expect(await admin.retryAll(QUEUE, { to: OTHER })).toBe(step === 'move-out' ? 2 : 0);
    expect(await queue.counts(QUEUE)).toMatchObject({ ready: 0, failed: 0 });
    expect(await queue.counts(OTHER)).toMatchObject({ ready: 2 });
    refuses = false;
    for (const id of ids) expect(await started.run(id)).toMatchObject({ status: 'completed', attempt: 1 });
  });

  it('changes jobs that wait, and whole queues', async () => {
    refuses = false;
    const id = await queue.push(MailJob, 'a', { delay: '1h', keepResult: true });
    expect(await admin.setData(id, 'b')).toBe(true);
    expect(await admin.reschedule(id, '2h')).toBe(true);
    expect(await admin.promote(id)).toBe(true);
    const waiting = queue.waitFor(id, { timeout: '20s' });
    await started.run(id);
    expect(await waiting).toBe('sent to b');

    const [later, ready] = await Promise.all([
      queue.push(MailJob, 'c', { delay: '1h' }),
      queue.push(MailJob, 'd', { tags: ['vip'] }),
    ]);
    const listed = await admin.jobs(QUEUE, ['queued', 'delayed', 'completed']);
    expect(listed.total).toBe(3);
    expect(listed.jobs.map((job) => job.id).toSorted()).toEqual([id, later, ready].toSorted());
    expect(await admin.job(later)).toMatchObject({ id: later, state: 'delayed', data: 'c' });
    expect(await queue.getJob(id)).toMatchObject({ state: 'completed', result: 'sent to b' });
    expect(await admin.clear(QUEUE, { states: ['delayed', 'completed'] })).toBe(2);
    expect(await admin.cancelAll(QUEUE, { tag: 'vip' })).toBe(1);
    expect(await queue.getJobStatus(ready)).toMatchObject({ status: 'cancelled' });
    await admin.obliterate(QUEUE);
    expect(await queue.queues()).toEqual([]);
    expect((await keys()).filter((key) => /\{mail\}:(jobs|failed|completed|~ids)$/.test(key))).toEqual([]);
  });

  it('tells the workers that run, refuses to obliterate a queue with running jobs, and cancels them', async () => {
    const running = new Promise<void>((resolve) => (LongJob.started = resolve));
    const worker = started.app.get(Worker);
    worker.start();
    const id = await queue.push(LongJob, null);
    await running;
    await expect(admin.obliterate(QUEUE)).rejects.toBeInstanceOf(QueueBusyError);
    await eventually(async () =>
      expect(await admin.workers()).toMatchObject([{ pid: process.pid, queues: [QUEUE, OTHER] }]),
    );
    expect(await admin.queues()).toMatchObject([{ name: QUEUE, counts: { reserved: 1 } }]);
    expect(await admin.cancelAll(QUEUE)).toBe(1);
    await eventually(async () => expect(await queue.getJobStatus(id)).toMatchObject({ status: 'cancelled' }));
    await worker.stop();
    expect(await admin.workers()).toEqual([]);
  });
});

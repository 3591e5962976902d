import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { Job, QUEUE_DRIVER, QueueAdmin, type JobContext, type JobHandler, type QueueDriver } from 'nestjs-job-queue';
import { closeQueueApps, startQueueApp } from './queue-app.js';

afterEach(closeQueueApps);

const ran: string[] = [];

@Job()
class SendJob implements JobHandler<string> {
  handle(to: string, job: JobContext): void {
    ran.push(to);
    void job.log('sent');
  }
}

let refuses = true;

@Job()
class RefusingJob implements JobHandler<string> {
  handle(_to: string): void {
    if (refuses) throw new Error('not now');
  }
}

@Injectable()
class Operator {
  constructor(readonly admin: QueueAdmin) {}
}

@Module({ providers: [Operator] })
class OperatorModule {}

describe('QueueAdmin', () => {
  it('is injected into the modules of the application', async () => {
    const { app } = await startQueueApp({ imports: [OperatorModule] });
    expect(app.get(Operator, { strict: false }).admin).toBe(app.get(QueueAdmin));
  });

  it('pauses a queue until it is resumed, and counts what ran', async () => {
    const started = await startQueueApp({ providers: [SendJob] });
    const admin = started.app.get(QueueAdmin);
    await admin.pause('default');
    const id = await started.queue.push(SendJob, 'a');
    expect(await started.run(id)).toMatchObject({ status: 'queued' });
    expect((await admin.stats('default')).total.completed).toBe(0);

    await admin.resume('default');
    expect(await started.run(id)).toMatchObject({ status: 'completed' });
    expect(ran).toEqual(['a']);
    expect((await admin.stats('default')).total.completed).toBe(1);
    expect((await admin.stats()).total.completed).toBe(1);
  });

  it('limits a queue until that is taken back, and tells the limits that count', async () => {
    const queues = { default: { concurrency: 5 } };
    const { app } = await startQueueApp({ providers: [SendJob] }, { queues });
    const admin = app.get(QueueAdmin);
    expect(await admin.queue('default')).toMatchObject({ limits: { concurrency: 5 }, limitsSet: false });
    await admin.setLimits('default', { rateLimit: { max: 3, per: '1m' } });
    const limits = { rateLimit: { max: 3, per: 60 } };
    expect(await admin.queue('default')).toMatchObject({ limits, limitsSet: true });
    await admin.setLimits('default', limits);
    await admin.setLimits('default', null);
    expect(await admin.queue('default')).toMatchObject({ limits: { concurrency: 5 }, limitsSet: false });
    const wrong = { concurrency: 0 };
    await expect(admin.setLimits('default', wrong)).rejects.toThrow('Option "limits.concurrency": expected');
    await expect(admin.setLimits('a b', null)).rejects.toMatchObject({ code: 'ERR_INVALID_QUEUE_NAME' });
  });

  it('tells how queues are, and of their jobs', async () => {
    const started = await startQueueApp({ providers: [SendJob] });
    const admin = started.app.get(QueueAdmin);
    expect(await admin.queues()).toEqual([]);
    const id = await started.queue.push(SendJob, 'd', { tags: ['vip'] });
    await admin.pause('default', { for: '1h' });
    const [info] = await admin.queues();
    expect(info).toEqual({
      name: 'default',
      counts: { ready: 1, blocked: 0, delayed: 0, reserved: 0, failed: 0 },
      paused: true,
      pausedUntil: expect.any(Date),
      limits: {},
      limitsSet: false,
      oldestReadyAge: expect.any(Number),
      consumers: 0,
    });
    expect(await admin.queue('default')).toMatchObject({ name: 'default', counts: info!.counts });
    expect(await admin.queue('other')).toMatchObject({ counts: { ready: 0 }, paused: false, oldestReadyAge: null });
    const { jobs, total } = await admin.jobs('default', ['queued', 'failed'], { limit: 10 });
    expect([total, jobs.length]).toEqual([1, 1]);
    expect(jobs[0]).toMatchObject({ id, name: 'SendJob', data: 'd', state: 'queued', maxTries: 1, tags: ['vip'] });
    expect(await admin.job(id)).toEqual(jobs[0]);
    expect(await started.queue.getJob(id)).toEqual(jobs[0]);
    await admin.resume('default');
    await started.run(id);
    expect((await admin.job(id))?.logs).toEqual(['sent']);
    expect(await started.queue.getJob(id)).toMatchObject({ state: 'completed', attempt: 1, endedAt: expect.any(Date) });
    expect(await started.queue.getJob('nobody')).toBeNull();
  });

  it('pauses a queue for a time', async () => {
    const { app } = await startQueueApp({});
    const driver = app.get<QueueDriver>(QUEUE_DRIVER);
    const before = Date.now();
    await app.get(QueueAdmin).pause('default', { for: '1h' });
    const { until } = (await driver.pauses.read('default'))!;
    expect(until! - before).toBeGreaterThanOrEqual(3_600_000);
    expect(until!).toBeLessThanOrEqual(Date.now() + 3_600_000);
  });

  it.each([
    [{ for: -1 }, '"pause.for": expected seconds'],
    [{ for: 0 }, '"pause.for": expected seconds'],
    [{ fro: '1h' }, '"pause.fro": expected no option of this name (known are for)'],
    ['1h', '"pause": expected an object'],
  ])('refuses %o before it asks the storage', async (options, message) => {
    const { app } = await startQueueApp({});
    await expect(app.get(QueueAdmin).pause('default', options as never)).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: expect.stringContaining(message),
    });
  });

  it('puts failed jobs back, once each, and removes them', async () => {
    const started = await startQueueApp({ providers: [RefusingJob] });
    const admin = started.app.get(QueueAdmin);
    refuses = true;
    const [first, second, third] = (await started.queue.pushMany(RefusingJob, ['a', 'b', 'c'])) as [
      string,
      string,
      string,
    ];
    expect(await started.run(third)).toMatchObject({ status: 'failed', attempt: 1 });

    refuses = false;
    expect(await Promise.all([admin.retry(first), admin.retry([first, 'nobody'])])).toEqual([1, 0]);
    expect(await started.run(first)).toMatchObject({ status: 'completed', attempt: 1 });
    expect(await admin.retryAll('default', { name: 'RefusingJob', limit: 1 })).toBe(1);
    expect(await started.run(second)).toMatchObject({ status: 'completed' });
    expect(await admin.flush('default', { olderThan: '1h' })).toBe(0);
    expect(await admin.flush('default')).toBe(1);
    expect(await started.queue.getJobStatus(third)).toBeNull();
  });

  it('puts failed jobs into another queue', async () => {
    const started = await startQueueApp({ providers: [RefusingJob] }, { worker: { queues: ['default', 'slow'] } });
    const admin = started.app.get(QueueAdmin);
    refuses = true;
    const id = await started.queue.push(RefusingJob, 'a');
    expect(await started.run(id)).toMatchObject({ status: 'failed', queue: 'default' });
    await expect(admin.retryAll('default', { to: 'slow queue' })).rejects.toMatchObject({
      code: 'ERR_INVALID_QUEUE_NAME',
    });
    expect(await admin.retryAll('default', { to: 'slow' })).toBe(1);
    expect(await started.queue.getJob(id)).toMatchObject({ queue: 'slow', state: 'queued', data: 'a', maxTries: 1 });
    refuses = false;
    expect(await started.run(id)).toMatchObject({ status: 'completed', queue: 'slow', attempt: 1 });
  });

  it('changes and removes jobs that wait, and whole queues', async () => {
    const started = await startQueueApp({ providers: [SendJob] });
    const admin = started.app.get(QueueAdmin);
    ran.splice(0);
    const id = await started.queue.push(SendJob, 'a', { delay: '1h' });
    expect(await admin.setData(id, 'b')).toBe(true);
    expect(await admin.reschedule(id, '2h')).toBe(true);
    expect(await admin.setPriority(id, 5)).toBe(true);
    expect(await admin.job(id)).toMatchObject({ priority: 5, options: { priority: 5 }, data: 'b' });
    expect(await admin.promote(id)).toBe(true);
    expect(await admin.promote(id)).toBe(false);
    expect(await started.run(id)).toMatchObject({ status: 'completed' });
    expect(ran).toEqual(['b']);

    const other = await started.queue.push(SendJob, 'c');
    expect(await admin.remove([id, other, 'nobody'])).toBe(2);
    expect(await started.queue.counts()).toMatchObject({ ready: 0 });
    await started.queue.push(SendJob, 'd', { delay: '1h' });
    await started.queue.push(SendJob, 'e');
    expect(await admin.clear('default', { states: ['delayed', 'failed'] })).toBe(1);
    expect(await admin.clear('default')).toBe(1);
    await admin.obliterate('default');
    expect(await started.queue.queues()).toEqual([]);
  });

  it.each([
    ['retryAll', { sinse: new Date() }, '"retryAll.sinse": expected no option of this name'],
    ['retryAll', { limit: 0 }, '"retryAll.limit": expected'],
    ['flush', { olderThan: 'soon' }, '"flush.olderThan": expected'],
  ] as const)('refuses options of %s: %o', async (method, options, message) => {
    const admin = (await startQueueApp({})).app.get(QueueAdmin);
    await expect(admin[method]('default', options as never)).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: expect.stringContaining(message),
    });
  });

  it('refuses a wrong name of a queue', async () => {
    const admin = (await startQueueApp({})).app.get(QueueAdmin);
    for (const call of [() => admin.pause('a b'), () => admin.resume(''), () => admin.stats('a b')]) {
      await expect(call()).rejects.toMatchObject({ code: 'ERR_INVALID_QUEUE_NAME' });
    }
  });
});

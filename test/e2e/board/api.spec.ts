import { describe, expect, it } from '@jest/globals';
import type { AppJob } from '@bull-board/api/typings/app';
import { jobSpec, jsonSerializer, QueueAdmin, Worker, type QueueModuleOptions } from 'nestjs-job-queue';
import { eventually } from '../../support/eventually.js';
import { useRedis } from '../../support/use-redis.js';
import { BoardApi } from './board-api.js';
import { held, SERVERS, startBoardApp, TaskJob, useBoardApps, type BoardApp, type ServerName } from './board-app.js';

describe.each([...SERVERS.map((server) => [server, 'array'] as const), ['express', 'redis'] as const])(
  'the board on %s with the driver %s',
  (server: ServerName, driver) => {
    const redis = useRedis();
    useBoardApps();

    async function start(queue: QueueModuleOptions = {}): Promise<{ app: BoardApp; api: BoardApi; admin: QueueAdmin }> {
      const { host, port, database } = redis;
      const own = driver === 'redis' ? { redis: { host, port, database } } : {};
      const app = await startBoardApp({ server, queue: { driver, ...own, ...queue } });
      return { app, api: new BoardApi(app), admin: app.app.get(QueueAdmin) };
    }

    /** A job in each state, and a paused queue. */
    async function fill({ app, admin }: { app: BoardApp; admin: QueueAdmin }): Promise<Record<string, string>> {
      const push = (of: string, wish: object = {}): Promise<string> => app.queue.push(TaskJob, { of, ...wish });
      const [failed, completed] = [await push('failed', { fails: true }), await push('completed')];
      const retrying = await app.queue.push(TaskJob, { of: 'retrying', fails: true }, { maxTries: 2, retryDelay: 600 });
      await app.run();
      const cancelled = await push('cancelled');
      await app.queue.cancel(cancelled, 'not wanted');
      const delayed = await app.queue.later(TaskJob, { of: 'delayed' }, '1h');
      const active = await push('active', { hangs: true });
      app.app.get(Worker).start();
      await eventually(async () => expect(held).toHaveLength(1));
      await admin.pause('mail');
      const waiting = await app.queue.push(TaskJob, { of: 'waiting' }, { tags: ['a', 'b'], group: 'g1' });
      return { failed, completed, retrying, cancelled, delayed, active, waiting };
    }

    it('shows jobs in each state, with their errors, results and logs', async () => {
      const board = await start();
      const { api } = board;
      const ids = await fill(board);
      const [mail] = await api.queues('mail');
      const counts = { active: 1, waiting: 1, completed: 2, failed: 1, delayed: 2 };
      expect(mail).toMatchObject({ name: 'mail', isPaused: true, counts, hasWorkers: true });
      expect(mail!.jobs).toHaveLength(7);
      expect(await api.listed('active')).toEqual(['active']);
      expect(await api.listed('waiting')).toEqual(['waiting']);
      expect((await api.listed('completed')).toSorted()).toEqual(['cancelled', 'completed']);
      expect(await api.listed('failed')).toEqual(['failed']);
      expect((await api.listed('delayed')).toSorted()).toEqual(['delayed', 'retrying']);
      const { job: failed, status } = await api.job(ids['failed']!);
      expect(status).toBe('failed');
      expect(failed).toMatchObject({ name: 'TaskJob', attempts: 1, failedReason: 'failed is broken', isFailed: true });
      expect(failed.stacktrace).toEqual([expect.stringMatching(/^Error: failed is broken\n {4}at TaskJob\.handle/)]);
      expect(failed.opts).toMatchObject({ state: 'failed', failures: [{ attempt: 1, error: 'failed is broken' }] });
      expect(await api.job(ids['completed']!)).toMatchObject({
        status: 'completed',
        job: { returnValue: 'completed is done', isFailed: false },
      });
      expect(await api.get(`/api/queues/mail/${ids['completed']}/logs`)).toEqual(['began completed']);
      expect(await api.job(ids['cancelled']!)).toMatchObject({ job: { failedReason: 'Cancelled: not wanted' } });
      const waiting = { groupId: 'g1', opts: { tags: ['a', 'b'], state: 'queued' } };
      expect(await api.job(ids['waiting']!)).toMatchObject({ status: 'waiting', job: waiting });
      const { job: delayed } = await api.job(ids['delayed']!);
      expect(Math.abs(delayed.delay! - 3_600_000)).toBeLessThan(1_000);
      const { workers } = await api.get<{ workers: { addr: string }[] }>('/api/queues/mail/workers');
      expect(workers).toMatchObject([{ addr: expect.stringMatching(`:${process.pid}$`) }]);
    });

    it('changes jobs: retries, promotes, puts off, changes data, removes', async () => {
      const board = await start();
      const { api, admin } = board;
      const ids = await fill(board);
      const at = (id: string): string => `/api/queues/mail/${ids[id]}`;
      await api.put(`${at('failed')}/retry`);
      expect(await admin.job(ids['failed']!)).toMatchObject({ state: 'queued' });
      await expect(api.put(`${at('failed')}/retry`)).rejects.toThrow(/^400 .*JOB_NOT_RETRIABLE/);
      await expect(api.put(`${at('completed')}/retry`)).resolves.toBeUndefined();
      expect(await admin.job(ids['completed']!)).toMatchObject({ state: 'completed' });
      await api.patch(`${at('delayed')}/delay`, { runAt: Date.now() + 60_000 });
      const { availableAt } = (await admin.job(ids['delayed']!))!;
      expect(Math.abs(availableAt!.getTime() - Date.now() - 60_000)).toBeLessThan(2_000);
      await api.patch(`${at('delayed')}/update-data`, { jobData: { of: 'changed' } });
      expect((await admin.job(ids['delayed']!))!.data).toEqual({ of: 'changed' });
      await expect(api.patch(`${at('active')}/update-data`, { jobData: {} })).rejects.toThrow(/^400 .*that waits/);
      await api.put(`${at('delayed')}/promote`);
      expect(await admin.job(ids['delayed']!)).toMatchObject({ state: 'queued' });
      await api.put(`${at('retrying')}/clean`);
      expect(await admin.job(ids['retrying']!)).toBeNull();
      await expect(api.put(`${at('active')}/clean`)).rejects.toThrow(/^409 .*JOB_IS_ACTIVE/);
      await expect(api.put('/api/queues/mail/nobody/clean')).rejects.toThrow(/^404 .*JOB_NOT_FOUND/);
      await expect(api.put('/api/queues/mail/%7Bbad/clean')).rejects.toThrow(/^404 .*JOB_NOT_FOUND/);
      await expect(api.put(`/api/queues/other/${ids['delayed']}/clean`)).rejects.toThrow(/^404 .*QUEUE_NOT_FOUND/);
      await api.patch(`${at('waiting')}/priority`, { priority: 3 });
      expect(await admin.job(ids['waiting']!)).toMatchObject({ priority: 3 });
      expect((await api.job(ids['waiting']!)).job).toMatchObject({ priority: 3 });
      await expect(api.patch(`${at('waiting')}/priority`, { priority: 1_001 })).rejects.toThrow(/^400 .*from -1000/);
      await expect(api.patch(`${at('active')}/priority`, { priority: 3 })).rejects.toThrow(/^400 .*that waits/);
    });

    it('changes queues: pauses and resumes, limits, empties and removes them', async () => {
      const board = await start();
      const { api, admin, app } = board;
      await app.queue.push(TaskJob, { of: 'a' });
      await api.put('/api/queues/mail/pause');
      expect(await admin.queue('mail')).toMatchObject({ paused: true });
      expect(await api.queues()).toMatchObject([{ isPaused: true }]);
      await api.put('/api/queues/mail/resume');
      expect(await api.queues()).toMatchObject([{ isPaused: false }]);
      await api.put('/api/queues/pause');
      expect(await admin.queue('mail')).toMatchObject({ paused: true });
      await api.put('/api/queues/mail/concurrency', { concurrency: 4 });
      await api.put('/api/queues/mail/rate-limit', { max: 5, duration: 2_000 });
      expect(await admin.queue('mail')).toMatchObject({ limits: { concurrency: 4, rateLimit: { max: 5, per: 2 } } });
      expect(await api.queues()).toMatchObject([{ globalConcurrency: 4 }]);
      const limit = { supported: true, rateLimit: { max: 5, duration: 2_000 } };
      expect(await api.get('/api/queues/mail/rate-limit')).toEqual(limit);
      await api.put('/api/queues/mail/rate-limit', { max: null });
      await api.put('/api/queues/mail/concurrency', { concurrency: 0 });
      expect(await admin.queue('mail')).toMatchObject({ limits: {}, limitsSet: false });
      await api.put('/api/queues/mail/empty');
      expect(await admin.queue('mail')).toMatchObject({ counts: { ready: 0 } });
      await api.put('/api/queues/mail/obliterate', {});
      expect(await api.queues()).toEqual([]);
    });

    it('does not remove a queue that is not paused, or whose jobs run', async () => {
      const board = await start();
      await fill(board);
      await expect(board.api.put('/api/queues/mail/obliterate', {})).rejects.toThrow(/^409 .*QUEUE_HAS_ACTIVE_JOBS/);
      await board.api.put('/api/queues/mail/resume');
      await expect(board.api.put('/api/queues/mail/obliterate', {})).rejects.toThrow(/^400 .*QUEUE_NOT_PAUSED/);
    });

    it('retries all failed jobs, promotes all that wait, and removes those of a state', async () => {
      const { app, api, admin } = await start();
      await app.queue.pushMany(
        TaskJob,
        Array.from({ length: 250 }, (_, i) => ({ of: `${i}`, fails: true })),
      );
      for (let i = 0; i < 60 && (await admin.queue('mail')).counts.failed < 250; i++) await app.run();
      expect(await api.listed('failed', 25)).toHaveLength(10);
      expect(await api.listed('failed', 26)).toHaveLength(0);
      expect(await api.put('/api/queues/mail/retry/failed')).toEqual({ retried: 250, skipped: 0 });
      expect(await admin.queue('mail')).toMatchObject({ counts: { ready: 250, failed: 0 } });
      await app.queue.later(TaskJob, { of: 'later' }, '1h');
      await api.put('/api/queues/mail/promote');
      expect(await admin.queue('mail')).toMatchObject({ counts: { ready: 251, delayed: 0 } });
      await api.put('/api/queues/mail/clean/waiting');
      expect(await admin.queue('mail')).toMatchObject({ counts: { ready: 0 } });
      await expect(api.put('/api/queues/mail/clean/active')).rejects.toThrow(/^400/);
      await expect(api.put('/api/queues/mail/clean/__proto__')).rejects.toThrow(/^400/);
    });

    it('adds a job, and copies one', async () => {
      const { api, app } = await start();
      await app.queue.push(TaskJob, { of: 'first' });
      const options = { attempts: 5, delay: 60_000, priority: 7, tags: ['t'], group: { id: 'g' } };
      const { job } = await api.post<{ job: AppJob }>('/api/queues/mail/add', {
        name: 'TaskJob',
        data: { of: 'added' },
        options,
      });
      const { job: read, status } = await api.job(String(job.id));
      expect(status).toBe('delayed');
      expect(read).toMatchObject({
        priority: 7,
        groupId: 'g',
        data: { of: 'added' },
        opts: { maxTries: 5, tags: ['t'] },
      });
      const copy = { name: 'TaskJob', data: read.data as object, options: read.opts as object };
      const { job: second } = await api.post<{ job: AppJob }>('/api/queues/mail/add', copy);
      expect(second.id).not.toBe(job.id);
      expect(second).toMatchObject({ priority: 7, groupId: 'g', opts: { maxTries: 5, tags: ['t'] } });
      const add = (name: string, wish: object = {}): Promise<unknown> =>
        api.post('/api/queues/mail/add', { name, data: {}, options: wish });
      await expect(add('')).rejects.toThrow(/^400/);
      await expect(add('TaskJob', { lifo: true })).rejects.toThrow(/^400 .*options\.lifo/);
      await expect(add('TaskJob', { attempts: -1 })).rejects.toThrow(/^400 .*maxTries/);
    });

    it('shows each waiting job once, whatever else waits', async () => {
      const { app, api } = await start();
      const soon = Array.from({ length: 12 }, (_, i) => ({ of: `r${i}`, fails: true }));
      await app.queue.pushMany(TaskJob, soon, { maxTries: 2, retryDelay: 600 });
      for (let i = 0; i < 3; i++) await app.run();
      await app.queue.pushMany(TaskJob, [{ of: 'a' }, { of: 'b' }]);
      expect(await api.listed('waiting')).toEqual(['a', 'b']);
      const [first, second] = [await api.listed('delayed'), await api.listed('delayed', 2)];
      expect([...first, ...second].toSorted()).toEqual(soon.map(({ of }) => of).toSorted());
    });

    it('draws charts of what the statistics tell', async () => {
      const { app, api } = await start();
      await app.queue.push(TaskJob, { of: 'a' });
      await app.queue.push(TaskJob, { of: 'b', fails: true });
      await app.run();
      type Metrics = Record<string, { data: number[]; meta: { count: number } }>;
      const { completed, failed } = await api.get<Metrics>('/api/queues/mail/metrics');
      expect([completed!.meta.count, failed!.meta.count]).toEqual([1, 1]);
      expect(completed!.data).toHaveLength(60);
      const span = `from=${Date.now() - 7 * 86_400_000}&to=${Date.now()}`;
      const days = await api.get<Record<string, { value: number }[]>>(`/api/metrics/history?${span}&granularity=day`);
      expect(days['completed']!.at(-1)).toMatchObject({ value: 1 });
      expect(days['completed']!.length).toBeGreaterThanOrEqual(7);
      const ofQueue = `/api/metrics/history?${span}&granularity=hour&queue=mail&metric=failed`;
      expect((await api.get<Record<string, { value: number }[]>>(ofQueue))['failed']!.at(-1)).toMatchObject({
        value: 1,
      });
      const latency = `/api/metrics/latency?${span}&granularity=range&metric=runtime&percentiles=50,95,42`;
      const [point] = await api.get<{ count: number; values: Record<string, number> }[]>(latency);
      expect(point!.count).toBe(2);
      expect(Object.keys(point!.values)).toEqual(['50', '95']);
    });

    it('shows data that JSON cannot hold, and tells of data that it cannot read', async () => {
      const serializer = {
        serialize: (value: unknown) => jsonSerializer.serialize(value),
        deserialize(text: string): unknown {
          if (text.includes('unreadable')) throw new Error('no key for it');
          const data = jsonSerializer.deserialize(text) as Record<string, unknown>;
          if (data['of'] === 'big') return { ...data, big: 12n };
          if (data['of'] === 'cycle') data['self'] = data;
          return data;
        },
      };
      const { app, api } = await start({ serializer });
      const push = (of: string): Promise<string> => app.queue.push(TaskJob, { of });
      const [big, cycle, unreadable] = [await push('big'), await push('cycle'), await push('unreadable')];
      expect((await api.queues('mail'))[0]!.jobs).toHaveLength(3);
      expect((await api.job(big)).job.data).toEqual({ of: 'big', big: '12n' });
      expect((await api.job(cycle)).job.data).toContain('Circular');
      expect((await api.job(unreadable)).job.data).toEqual({
        'not readable': expect.stringContaining('no key for it'),
      });
    });

    it('links a job that lives to the page where one can cancel it', async () => {
      const { app, api } = await start();
      const id = await app.queue.push(TaskJob, { of: 'a' });
      expect((await api.job(id)).job.externalUrl).toEqual({ href: `pages/job?id=${id}`, displayText: 'cancel' });
      await app.run();
      expect((await api.job(id)).job.externalUrl).toBeUndefined();
    });

    it('links a job to its flow, and asks nobody for a graph of BullMQ', async () => {
      const { app, api } = await start();
      const { id, jobIds } = await app.queue.chain([jobSpec(TaskJob, { of: 'a' }), jobSpec(TaskJob, { of: 'b' })]);
      const { job } = await api.job(jobIds[0]!);
      expect(job.externalUrl).toEqual({ href: `pages/flow?kind=chain&id=${id}`, displayText: 'chain' });
      expect(await api.get(`/api/queues/mail/${jobIds[0]}/flow`)).toMatchObject({ flowRoot: null, isFlowNode: false });
      expect(await api.get('/api/job-schedulers')).toEqual({ schedulers: [] });
    });
  },
);

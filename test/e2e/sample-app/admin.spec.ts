import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JobDetails, JobList, QueueInfo, QueueModuleOptions } from 'nestjs-job-queue';
import request, { type Test } from 'supertest';
import { useRedis, type UsedRedis } from '../../support/use-redis.js';
import { startSample, type Sample } from './sample.js';

const TOKEN = 'the token of the tests';
const FAILING = { duration: 0, failures: 1, retries: 0 };

describe('the routes of operators on the array driver', () => {
  behaveOn(() => ({ driver: 'array' }));
});

describe('the routes of operators on Redis', () => {
  const redis: UsedRedis = useRedis();
  behaveOn(() => ({ driver: 'redis', redis: { url: redis.url } }));
});

describe('the routes of operators', () => {
  let sample: Sample;

  afterEach(async () => {
    await sample.close();
  });

  const ROUTES = [
    ['get', '/admin/queues'],
    ['get', '/admin/queues/default/jobs'],
    ['post', '/admin/queues/default/retry'],
    ['post', '/admin/queues/default/pause'],
    ['post', '/admin/queues/default/resume'],
    ['get', '/admin/jobs/a'],
    ['post', '/admin/jobs/a/retry'],
    ['delete', '/admin/jobs/a'],
    ['get', '/admin/workers'],
  ] as const;

  test('are closed without a token in the configuration', async () => {
    sample = await startSample({ driver: 'array' });
    for (const [method, path] of ROUTES) {
      const { body } = await request(sample.server)[method](path).set('authorization', 'Bearer undefined').expect(403);
      expect(body.message).toContain('ADMIN_TOKEN');
    }
  });

  test('refuse requests without the token, or with another one', async () => {
    sample = await startSample({ driver: 'array' }, { adminToken: TOKEN });
    for (const [method, path] of ROUTES) {
      await request(sample.server)[method](path).expect(401);
      for (const header of ['Bearer other', TOKEN, `Basic ${TOKEN}`, 'Bearer']) {
        await request(sample.server)[method](path).set('authorization', header).expect(401);
      }
    }
  });
});

function behaveOn(options: () => QueueModuleOptions): void {
  let sample: Sample;

  beforeEach(async () => {
    sample = await startSample(options(), { adminToken: TOKEN });
  });
  afterEach(async () => {
    await sample.close();
  });

  const as = (sent: Test): Test => sent.set('authorization', `Bearer ${TOKEN}`);
  const get = (path: string): Test => as(request(sample.server).get(path));
  const post = (path: string): Test => as(request(sample.server).post(path));
  const remove = (path: string): Test => as(request(sample.server).delete(path));
  const push = async (path: string, body: object): Promise<string> =>
    (await request(sample.server).post(path).send(body).expect(202)).body.id as string;

  async function pushFailing(count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let i = 0; i < count; i++) {
      ids.push(await push('/examples', FAILING));
      await sample.becomes(ids[i]!, 'failed');
    }
    return ids;
  }

  test('list the queues', async () => {
    await pushFailing(1);
    const { body } = await get('/admin/queues').expect(200);
    expect(body).toEqual([
      {
        name: 'default',
        counts: { ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 1 },
        paused: false,
        limits: {},
        limitsSet: false,
        oldestReadyAge: null,
        consumers: expect.any(Number),
      },
    ]);
  });

  test('list failed jobs with their data, errors and failures, page by page', async () => {
    const ids = await pushFailing(3);

    const first = (await get('/admin/queues/default/jobs?limit=2').expect(200)).body as JobList;
    const next = await get(`/admin/queues/default/jobs?state=failed&limit=2&cursor=${first.cursor}`).expect(200);

    expect(first.total).toBe(3);
    const jobs = [...first.jobs, ...(next.body as JobList).jobs];
    // Those of the same second in any order.
    expect(jobs.map(({ id }) => id).sort()).toEqual([...ids].sort());
    for (const job of jobs) {
      expect(job).toMatchObject({
        name: 'ExampleJob',
        queue: 'default',
        state: 'failed',
        data: { duration: 0, failures: 1 },
        error: 'Failure 1 of 1, as requested',
        failures: [{ attempt: 1, error: 'Failure 1 of 1, as requested' }],
      });
    }
    expect((next.body as JobList).cursor).toBeUndefined();
  });

  test('list the jobs of another state, and tell all of one job', async () => {
    const id = await push('/emails/later', { to: 'ann@example.com', subject: 'Hello', body: 'Hi', delay: '1h' });

    const { body } = await get('/admin/queues/emails/jobs?state=delayed').expect(200);
    const details = (await get(`/admin/jobs/${id}`).expect(200)).body as JobDetails;

    const { jobs } = body as JobList;
    expect(body).toEqual({ jobs: [{ ...details, availableAt: jobs[0]!.availableAt }], total: 1 });
    // Each answer reckons the time anew, with two clocks that tick apart.
    const [listed, told] = [jobs[0]!, details].map(({ availableAt }) => Date.parse(String(availableAt)));
    expect(Math.abs(listed! - told!)).toBeLessThanOrEqual(1);
    expect(details).toMatchObject({ id, state: 'delayed', attempt: 0, availableAt: expect.any(String) });
  });

  test('put a failed job back', async () => {
    const [id] = await pushFailing(1);
    await post('/admin/queues/default/pause').expect(200);

    const { body } = await post(`/admin/jobs/${id}/retry`).expect(202);

    expect(body).toEqual({ id, statusUrl: `/jobs/${id}` });
    expect(await sample.status(id!)).toMatchObject({ status: 'queued', attempt: 0 });
    await post(`/admin/jobs/${id}/retry`).expect(404);
    await post('/admin/queues/default/resume').expect(200);
    expect(await sample.becomes(id!, 'failed')).toMatchObject({ attempt: 1 });
  });

  test('put all failed jobs of a queue back, or some of them', async () => {
    const ids = await pushFailing(3);
    await post('/admin/queues/default/pause').expect(200);

    await post('/admin/queues/default/retry').send({ limit: 1 }).expect(200, { retried: 1 });
    await post('/admin/queues/default/retry').send({ name: 'SendEmailJob' }).expect(200, { retried: 0 });
    await post('/admin/queues/default/retry').expect(200, { retried: 2 });

    for (const id of ids) expect(await sample.status(id)).toMatchObject({ status: 'queued' });
  });

  test('remove a job', async () => {
    const [failed] = await pushFailing(1);
    const waiting = await push('/emails/later', { to: 'ann@example.com', subject: 'Hello', body: 'Hi', delay: '1h' });

    for (const id of [failed, waiting]) {
      await remove(`/admin/jobs/${id}`).expect(204);
      await remove(`/admin/jobs/${id}`).expect(404);
      await get(`/admin/jobs/${id}`).expect(404);
      await request(sample.server).get(`/jobs/${id}`).expect(404);
    }
  });

  test('pause a queue, and resume it', async () => {
    const paused = (await post('/admin/queues/default/pause').send({ for: '1h' }).expect(200)).body as QueueInfo;
    expect(paused).toMatchObject({ name: 'default', paused: true, pausedUntil: expect.any(String) });
    const id = await push('/examples', { duration: 0 });
    expect(await sample.status(id)).toMatchObject({ status: 'queued' });

    const { body } = await post('/admin/queues/default/resume').expect(200);

    expect(body).toMatchObject({ name: 'default', paused: false });
    await sample.becomes(id, 'completed');
  });

  test('list the workers', async () => {
    const { body } = await get('/admin/workers').expect(200);
    expect(body).toMatchObject([{ pid: process.pid, busy: 0, queues: expect.any(Array) }]);
  });

  test.each([
    ['get', '/admin/queues/default/jobs?state=lost', {}, /^state must be one of/],
    ['get', '/admin/queues/default/jobs?limit=1000', {}, /^limit must not be greater than 100$/],
    ['get', '/admin/queues/default/jobs?cursor=x', {}, /^Option "jobs.cursor": expected the cursor of another page/],
    ['get', '/admin/queues/default/jobs?page=2', {}, /^property page should not exist$/],
    ['get', '/admin/queues/a%20b/jobs', {}, /queue name/],
    ['post', '/admin/queues/default/retry', { limit: 0 }, /^limit must not be less than 1$/],
    ['post', '/admin/queues/default/retry', { state: 'failed' }, /^property state should not exist$/],
    ['post', '/admin/queues/default/pause', { for: 'long' }, /^Option "pause.for": expected /],
    ['post', '/admin/jobs/a%20b/retry', {}, /job id/],
  ] as const)('answer 400 to a bad request: %s %s %j', async (method, path, sent, message) => {
    const { body } = await (method === 'get' ? get(path) : post(path).send(sent)).expect(400);
    expect([body.message].flat().join('\n')).toMatch(message);
  });
}

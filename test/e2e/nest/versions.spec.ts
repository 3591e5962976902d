import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { defineJob, Job, QueueAdmin, type JobHandler, type JobHandlerOf } from 'nestjs-job-queue';
import { z } from 'zod';
import { storages } from '../../fuzz/storages.js';
import { useRedis } from '../../support/use-redis.js';
import { closeQueueApps, startQueueApp, type QueueApp } from './queue-app.js';

const seen: unknown[] = [];
const calls: unknown[] = [];

const V1 = defineJob<{ to: string }>('mail');
const V2 = defineJob('mail', {
  version: 2,
  schema: z.object({ recipients: z.array(z.string()) }),
  upgrade: (data, from) => {
    calls.push([data, from]);
    return { recipients: [data.to] };
  },
});
const V3 = defineJob<{ all: string[] }>('mail', { version: 3 });

@Job(V2)
class MailHandler implements JobHandlerOf<typeof V2> {
  handle(data: { recipients: string[] }): void {
    seen.push(data);
  }
}

@Job({ name: 'failing', version: 2, upgrade: async () => Promise.reject(new Error('no')), maxTries: 2, retryDelay: 0 })
class FailingUpgrade implements JobHandler<string> {
  handle(): void {
    seen.push('ran');
  }
}

describe.each(storages(useRedis()))('a job with a version, with driver %s', (_, storage) => {
  let app: QueueApp;

  beforeEach(async () => {
    seen.splice(0);
    calls.splice(0);
    app = await startQueueApp({ providers: [MailHandler, FailingUpgrade] }, storage.options());
  });
  afterEach(closeQueueApps);

  test('gets older data lifted before it is checked, and data of its version as it is', async () => {
    const old = await app.queue.push(V1, { to: 'ada' });
    const current = await app.queue.push(V2, { recipients: ['bob'] });
    expect(await app.run(old)).toMatchObject({ status: 'completed', attempt: 1 });
    expect(await app.run(current)).toMatchObject({ status: 'completed', attempt: 1 });
    expect(calls).toEqual([[{ to: 'ada' }, 1]]);
    expect(seen).toEqual([{ recipients: ['ada'] }, { recipients: ['bob'] }]);
  });

  test('fails for good if what was lifted is invalid', async () => {
    const id = await app.queue.push(V1, { to: 5 } as never);
    expect(await app.run(id)).toMatchObject({
      status: 'failed',
      attempt: 1,
      error: expect.stringContaining('recipients'),
    });
    expect(seen).toEqual([]);
  });

  test('is put back uncounted if its data is newer than this process knows', async () => {
    const id = await app.queue.push(V3, { all: [] });
    expect(await app.run(id)).toMatchObject({ status: 'delayed' });
    expect(await app.queue.counts()).toMatchObject({ delayed: 1, failed: 0 });
    expect(await app.app.get(QueueAdmin).job(id)).toMatchObject({ data: { all: [] }, options: { version: 3 } });
    expect(seen).toEqual([]);
  });

  test('counts an attempt if upgrade throws', async () => {
    const id = await app.queue.push('failing', 'x', 'default');
    expect(await app.run(id)).toMatchObject({ status: 'completed' });
    const Old = defineJob<string>('failing');
    const failing = await app.queue.push(Old, 'x');
    expect(await app.run(failing)).toMatchObject({ status: 'retrying', attempt: 1, error: 'no' });
    expect(await app.run(failing)).toMatchObject({ status: 'failed', attempt: 2, error: 'no' });
    expect(seen).toEqual(['ran']);
  });
});

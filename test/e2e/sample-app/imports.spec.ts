import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { QueueModuleOptions } from 'nestjs-job-queue';
import request, { type Test } from 'supertest';
import { eventually } from '../../support/eventually.js';
import { useRedis, type UsedRedis } from '../../support/use-redis.js';
import { startSample, type Sample } from './sample.js';

describe('imports on the array driver', () => {
  behaveOn(() => ({ driver: 'array' }));
});

describe('imports on Redis', () => {
  const redis: UsedRedis = useRedis();
  behaveOn(() => ({ driver: 'redis', redis: { url: redis.url } }));
});

function behaveOn(options: () => QueueModuleOptions): void {
  let sample: Sample;

  beforeEach(async () => {
    sample = await startSample(options());
  });
  afterEach(async () => {
    await sample.close();
  });

  const send = (content: string): Test =>
    request(sample.server).post('/imports').attach('contacts', Buffer.from(content), 'contacts.csv');
  const get = async (id: string) => (await request(sample.server).get(`/imports/${id}`).expect(200)).body as unknown;

  async function start(content: string): Promise<string> {
    const { body } = await send(content).expect(202);
    expect(body).toEqual(acceptedImport(body.id as string));
    return body.id as string;
  }

  test('tell their progress and their result', async () => {
    const id = await start(['ann@example.com, Ann', '', 'nobody, Nobody', 'bob@example.com,Bob'].join('\r\n'));

    await sample.becomes(id, 'completed');

    expect(await get(id)).toEqual({ id, status: 'completed', progress: 100, result: { imported: 2, skipped: 1 } });
  });

  test('have each new contact welcomed once, also if the list is imported again', async () => {
    const list = 'ann@example.com,Ann\nbob@example.com,Bob\nann@example.com,Ann';
    for (let round = 0; round < 2; round++) await sample.becomes(await start(list), 'completed');

    const messages = await eventually(async () => {
      const { body } = await request(sample.server).get('/counts').expect(200);
      const emails = (body as { name: string; ready: number; reserved: number }[]).find(
        ({ name }) => name === 'emails',
      );
      expect(emails).toMatchObject({ ready: 0, reserved: 0 });
      const files = (await readdir(sample.outbox)).filter((name) => name.endsWith('.eml'));
      expect(files).toHaveLength(2);
      return Promise.all(files.map((file) => readFile(join(sample.outbox, file), 'utf8')));
    });

    expect(messages.map((text) => /^To: (.*)\r$/m.exec(text)![1]!).sort()).toEqual([
      'ann@example.com',
      'bob@example.com',
    ]);
    expect(messages.join('\n')).toContain('Subject: Welcome, Ann\r\n');
  });

  test('end when they are cancelled while they run', async () => {
    const id = await start('ann@example.com,Ann\n'.repeat(200_000));
    await sample.becomes(id, 'processing');

    const { body } = await request(sample.server).delete(`/imports/${id}`).expect(202);

    expect(body).toEqual(acceptedImport(id));
    expect(await sample.becomes(id, 'cancelled')).toMatchObject({ attempt: 1, error: 'cancelled by a request' });
    expect(await get(id)).toMatchObject({ status: 'cancelled', error: 'cancelled by a request' });
    await request(sample.server).delete(`/imports/${id}`).expect(409);
  });

  test('refuse a request without a file', async () => {
    await request(sample.server).post('/imports').expect(400);
    await request(sample.server).get('/counts').expect(200, []);
  });

  test('leave other jobs alone', async () => {
    const email = { to: 'ann@example.com', subject: 'Hello', body: 'Hi', delay: 600 };
    const { body } = await request(sample.server).post('/emails/later').send(email).expect(202);

    for (const other of [body.id as string, 'nobody']) {
      await request(sample.server).get(`/imports/${other}`).expect(404);
      await request(sample.server).delete(`/imports/${other}`).expect(404);
    }
    await request(sample.server).delete('/imports/a%20b').expect(400);

    expect(await sample.status(body.id as string)).toMatchObject({ status: 'delayed' });
  });
}

function acceptedImport(id: string): object {
  return { id, statusUrl: `/jobs/${id}`, importUrl: `/imports/${id}` };
}

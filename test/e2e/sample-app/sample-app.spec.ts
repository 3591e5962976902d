import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { QueueModuleOptions } from 'nestjs-job-queue';
import sharp from 'sharp';
import request from 'supertest';
import { useRedis, type UsedRedis } from '../../support/use-redis.js';
import { startSample, type Sample } from './sample.js';

/** A picture of one pixel. */
const PICTURE = await sharp({ create: { width: 1, height: 1, channels: 3, background: 'teal' } })
  .png()
  .toBuffer();
const EMAIL = { to: 'ann@example.com', subject: 'Grüße', body: 'It works.' };

describe('the sample application on the array driver', () => {
  behavesOn(() => ({ driver: 'array' }));
});

describe('the sample application on Redis', () => {
  const redis: UsedRedis = useRedis();
  behavesOn(() => ({ driver: 'redis', redis: { url: redis.url } }));
});

function behavesOn(options: () => QueueModuleOptions): void {
  let sample: Sample;

  beforeEach(async () => {
    sample = await startSample(options());
  });
  afterEach(async () => {
    await sample.close();
  });

  const post = async (path: string, body: object = {}): Promise<string> => {
    const { body: answer } = await request(sample.server).post(path).send(body).expect(202);
    expect(answer).toEqual({ id: expect.any(String), statusUrl: `/jobs/${answer.id}` });
    return answer.id as string;
  };

  test('writes an e-mail to the outbox', async () => {
    const id = await post('/emails', EMAIL);

    expect(await sample.becomes(id, 'completed')).toEqual({
      id,
      status: 'completed',
      queue: 'emails',
      updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      attempt: 1,
    });
    const message = await readFile(join(sample.outbox, `${id}.eml`), 'utf8');
    expect(message).toContain('To: ann@example.com\r\n');
    expect(message).toContain('From: Sample <sample@example.com>\r\n');
    expect(message).toContain('Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\r\n');
    expect(message).toContain(`Message-ID: <${id}@example.com>\r\n`);
    expect(message).toMatch(/\r\n\r\nIt works\.\s*$/);
  });

  test('sends a delayed e-mail when it is due', async () => {
    const far = await post('/emails/later', { ...EMAIL, delay: '1h' });
    const near = await post('/emails/later', { ...EMAIL, delay: 0.05 });

    await sample.becomes(near, 'completed');

    expect(await sample.status(far)).toMatchObject({ status: 'delayed', queue: 'emails', attempt: 0 });
    await expect(access(join(sample.outbox, `${far}.eml`))).rejects.toThrow('ENOENT');
  });

  test('resizes an uploaded picture', async () => {
    const picture = sharp({ create: { width: 100, height: 50, channels: 3, background: 'teal' } });
    const { body } = await request(sample.server)
      .post('/images')
      .field('width', '40')
      .attach('image', await picture.png().toBuffer(), 'teal.png')
      .expect(202);

    await sample.becomes(body.id, 'completed');

    const resized = await request(sample.server).get(body.imageUrl).expect(200).expect('content-type', 'image/png');
    expect(await sharp(resized.body as Buffer).metadata()).toMatchObject({ format: 'png', width: 40, height: 20 });
  });

  test('answers 404 to a picture that does not exist or lies outside the folder', async () => {
    await request(sample.server).get('/images/00000000-0000-0000-0000-000000000000-40.png').expect(404);
    await request(sample.server).get('/images/..%2F..%2Fpackage.json').expect(404);
  });

  test('retries a failing job until it succeeds', async () => {
    const id = await post('/examples', { duration: 0.01, failures: 2, retries: 2, retryDelay: 0.01 });

    expect(await sample.becomes(id, 'completed')).toMatchObject({ attempt: 3, queue: 'default' });
  });

  test('fails a job after its last attempt', async () => {
    const id = await post('/examples', { duration: 0, failures: 2, retries: 1, retryDelay: 0.01 });

    expect(await sample.becomes(id, 'failed')).toMatchObject({ attempt: 2, error: 'Failure 2 of 2, as requested' });
  });

  test('shows the status of a job that waits for its next attempt', async () => {
    const id = await post('/examples', { duration: 0, failures: 1, retries: 1, retryDelay: 600 });

    expect(await sample.becomes(id, 'retrying')).toMatchObject({ attempt: 1, error: 'Failure 1 of 1, as requested' });
  });

  test('counts the jobs of each queue', async () => {
    await request(sample.server).get('/counts').expect(200, []);
    await post('/emails/later', { ...EMAIL, delay: 600 });
    await post('/emails/later', { ...EMAIL, delay: 600 });
    await sample.becomes(await post('/examples', { duration: 0, failures: 1, retries: 0 }), 'failed');

    const { body } = await request(sample.server).get('/counts').expect(200);

    expect(body).toEqual([
      { name: 'default', ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 1 },
      { name: 'emails', ready: 0, blocked: 0, delayed: 2, reserved: 0, failed: 0 },
    ]);
  });

  test.each([
    ['/emails', {}, 'to must be an email'],
    ['/emails', { ...EMAIL, to: 'nobody' }, 'to must be an email'],
    ['/emails', { ...EMAIL, bcc: 'bob@example.com' }, 'property bcc should not exist'],
    ['/emails/later', EMAIL, 'delay should not be null or undefined'],
    ['/emails/later', { ...EMAIL, delay: 'soon' }, /^Invalid delay: expected seconds .* got "soon"$/],
    ['/emails/later', { ...EMAIL, delay: -1 }, /^Invalid delay: .* got -1$/],
    ['/emails/later', { ...EMAIL, delay: 1e12 }, /^Invalid delay: /],
    ['/examples', { duration: 'long' }, /^duration must /],
    ['/examples', { retries: -1 }, 'retries must not be less than 0'],
  ])('answers 400 to a bad POST %s %j', async (path, sent, message) => {
    const { body } = await request(sample.server).post(path).send(sent).expect(400);

    const messages = [body.message].flat() as string[];
    expect(messages.some((text) => (typeof message === 'string' ? text === message : message.test(text)))).toBe(true);
    await request(sample.server).get('/counts').expect([]);
  });

  test.each([
    ['a missing picture', undefined, '40'],
    ['a file that is no picture', Buffer.from('not a picture'), '40'],
    ['a width that is no number', PICTURE, 'wide'],
    ['a format that it does not accept', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), '40'],
  ])('answers 400 to %s', async (_case, content, width) => {
    const sending = request(sample.server).post('/images').field('width', width);
    await (content ? sending.attach('image', content, 'picture.png') : sending).expect(400);

    await request(sample.server).get('/counts').expect([]);
  });

  test('answers 404 to an unknown job, and 400 to an invalid job id', async () => {
    const { body } = await request(sample.server).get('/jobs/unknown').expect(404);
    expect(body).toMatchObject({ message: 'There is no job unknown' });
    await request(sample.server).get('/jobs/not%20an%20id').expect(400);
  });
}

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AddressInfo } from 'node:net';
import type { QueueEvent } from 'nestjs-job-queue';
import request from 'supertest';
import { MoveBuffer } from '../../../sample-app/src/live/move-buffer.js';
import { LivePage } from './live-page.js';
import { startSample, type Sample } from './sample.js';

const FILES = [
  ['live.css', /^text\/css/],
  ['live.js', /^text\/javascript/],
  ['lanes.js', /^text\/javascript/],
  ['jobs.js', /^text\/javascript/],
  ['icon.svg', /^image\/svg/],
] as const;

describe('the live page', () => {
  let sample: Sample;
  let page: LivePage | undefined;

  beforeEach(async () => {
    sample = await startSample({ driver: 'array' });
    await sample.app.listen(0);
  });
  afterEach(async () => {
    page?.close();
    page = undefined;
    await sample.close();
  });

  const open = async (): Promise<LivePage> =>
    (page = await LivePage.open(`http://localhost:${(sample.server.address() as AddressInfo).port}`));

  test('asks for nothing from elsewhere, and says so to the browser', async () => {
    const { headers, text } = await request(sample.server).get('/').expect(200);

    expect(headers['content-type']).toMatch(/^text\/html/);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none';/);
    expect(text).toContain('<title>Jobs, live</title>');
    const links = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link!);
    const files = ['/live/files/icon.svg', '/live/files/live.css', '/live/files/live.js'];
    expect(links).toEqual([...files, '/queues', '/health', '/metrics']);
    for (const link of links) await request(sample.server).get(link).expect(200);
  });

  test('leads to the state of the application, and to what it measures', async () => {
    await request(sample.server).post('/parcels').send({ count: 1 }).expect(202);
    const { body } = await request(sample.server).get('/health').expect(200);
    expect(body).toMatchObject({ status: 'ok', info: { emails: { status: 'up' } } });
    const { text } = await request(sample.server).get('/metrics').expect(200);
    expect(text).toContain('job_queue_pushed_total{queue="parcels",name="ShipParcelJob"} 1');
  });

  test.each(FILES)('serves its file %s', async (name, type) => {
    const { headers } = await request(sample.server).get(`/live/files/${name}`).expect(200);
    expect(headers['content-type']).toMatch(type);
  });

  test.each(['..%2f..%2fpackage.json', 'index.html', 'live.css.map'])('serves no file %s', async (name) => {
    await request(sample.server).get(`/live/files/${name}`).expect(404);
  });

  test('tells how jobs move, and how many have completed', async () => {
    const opened = await open();
    await request(sample.server).post('/parcels').send({ count: 100 }).expect(202, { pushed: 100 });

    await opened.hears('started');
    await opened.counts(100);
    const { queue, name, attempt } = await opened.hears('completed');

    expect({ queue, name, attempt }).toEqual({ queue: 'parcels', name: 'ShipParcelJob', attempt: 1 });
    await opened.sees(({ queues }) => queues.every(({ ready, reserved }) => ready + reserved === 0));
    expect(opened.completed).toBe(100);
  });

  test('tells of retries with their time, and of the error', async () => {
    const opened = await open();
    await request(sample.server).post('/parcels').send({ count: 3, carrierIsDown: true }).expect(202);

    const { delay, error } = await opened.hears('retrying');

    expect(delay).toBeGreaterThan(1);
    expect(error).toBe('The carrier of parcel 3 does not answer');
    const { workers, isDurable } = await opened.sees(({ queues }) => queues.some(({ delayed }) => delayed === 1));
    expect(isDurable).toBe(false);
    expect(workers).toEqual([expect.objectContaining({ pid: process.pid, isChild: false })]);
  });

  test('cancels a job, and all parcels', async () => {
    const { body } = await request(sample.server).post('/examples').send({ duration: 60 }).expect(202);
    await sample.becomes(body.id, 'processing');
    await request(sample.server).delete(`/jobs/${body.id}`).expect(202);
    await sample.becomes(body.id, 'cancelled');
    await request(sample.server).delete(`/jobs/${body.id}`).expect(409);

    await request(sample.server).post('/parcels').send({ count: 10_000 }).expect(202);
    const { body: answer } = await request(sample.server).post('/parcels/cancel').expect(202);
    expect(answer.cancelled).toBeGreaterThan(9_000);
  });

  test('makes thumbnails in one batch, and tells once that all are there', async () => {
    const opened = await open();
    const { body } = await request(sample.server).post('/thumbnails').expect(202);
    expect(body).toMatchObject({ total: 24, thumbnailsUrl: `/thumbnails/${body.id}` });

    await opened.sees(({ queues }) => queues.every(({ ready, reserved }) => ready + reserved === 0));
    await opened.counts(25);
    const { body: state } = await request(sample.server).get(body.thumbnailsUrl).expect(200);
    expect(state).toMatchObject({ state: 'completed', completed: 24, progress: 1 });
    expect(opened.completed).toBe(25);
    await request(sample.server).get('/thumbnails/unknown').expect(404);
  });

  test('puts failed parcels back', async () => {
    await request(sample.server).post('/parcels/retry').expect(202, { retried: 0 });
  });

  test('starts no worker process while the jobs are in memory', async () => {
    const { body } = await request(sample.server).post('/live/workers').expect(409);
    expect(body.message).toContain('QUEUE_DRIVER=redis npm start');
    await request(sample.server).delete('/live/workers').expect(409);
  });

  test('ends its streams when the application ends', async () => {
    const { ended } = await open();
    await sample.app.close();
    await ended;
  });
});

describe('the moves of a moment', () => {
  const event = (type: 'completed' | 'failed', id: string): QueueEvent =>
    ({ type, id, queue: 'parcels', name: 'ShipParcelJob', attempt: 1, error: new Error('no answer') }) as never;

  test('have a rare one, however many common ones come after it', () => {
    const buffer = new MoveBuffer();
    buffer.add(event('failed', 'f'));
    for (let at = 0; at < 10_000; at++) buffer.add(event('completed', `c${at}`));

    const { moves, completed } = buffer.take()!;

    expect(completed).toEqual({ parcels: 10_000 });
    expect(moves).toHaveLength(40);
    expect(moves.at(-1)).toMatchObject({ type: 'failed', id: 'f', error: 'no answer' });
    expect(buffer.take()).toBeUndefined();
  });
});

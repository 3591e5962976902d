import { afterEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { startSample, type Sample } from './sample.js';

const TOKEN = 'the token: of the tests';
const basic = (password: string): string => `Basic ${Buffer.from(`ann:${password}`).toString('base64')}`;

describe('the board of the sample application', () => {
  const environment = process.env['NODE_ENV'];
  let sample: Sample;

  afterEach(async () => {
    process.env['NODE_ENV'] = environment;
    await sample.close();
  });

  test('is open without a token, but not in production', async () => {
    sample = await startSample({ driver: 'array' });
    const { text } = await request(sample.server).get('/queues').expect(200);
    expect(text).toContain('<base href="/queues/" />');
    process.env['NODE_ENV'] = 'production';
    for (const path of ['/queues', '/queues/api/queues', '/queues/static/images/logo.svg', '/queues/pages/search']) {
      await request(sample.server).get(path).expect(403);
    }
  });

  test('asks a browser for the token as a password', async () => {
    sample = await startSample({ driver: 'array' }, { adminToken: TOKEN });
    const { headers } = await request(sample.server).get('/queues').expect(401);
    expect(headers['www-authenticate']).toBe('Basic realm="board"');
    for (const header of [basic('other'), `Bearer ${TOKEN}`, 'Basic', `Basic ${TOKEN}`]) {
      await request(sample.server).get('/queues/api/queues').set('authorization', header).expect(401);
    }
    const { body } = await request(sample.server)
      .get('/queues/api/queues')
      .set('authorization', basic(TOKEN))
      .expect(200);
    expect(body).toEqual({ queues: expect.any(Array) });
  });
});

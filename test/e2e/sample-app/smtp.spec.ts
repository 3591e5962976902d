import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import request from 'supertest';
import { startSample, type Sample } from './sample.js';
import { startSmtpServer, type SmtpServer } from './smtp-server.js';

let smtp: SmtpServer;
let sample: Sample;

beforeEach(async () => {
  smtp = await startSmtpServer();
  sample = await startSample({ driver: 'array' }, { smtpUrl: smtp.url });
});
afterEach(async () => {
  await sample.close();
  await smtp.close();
});

test('the sample application sends e-mails to the server of smtpUrl', async () => {
  const email = { to: 'ann@example.com', subject: 'Hello', body: 'It works.' };
  const { body } = await request(sample.server).post('/emails').send(email).expect(202);

  await sample.becomes(body.id, 'completed');

  expect(smtp.messages).toEqual([expect.stringMatching(/To: ann@example\.com\r\nSubject: Hello\r\n[^]*It works\./)]);
  expect(await readdir(sample.outbox)).toEqual([]);
});

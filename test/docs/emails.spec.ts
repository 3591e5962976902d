import { afterEach, describe, expect, it } from '@jest/globals';
import type { INestApplication, Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { QueueManager, QueueModule } from 'nestjs-job-queue';
import request from 'supertest';
import { eventually } from '../support/eventually.js';
import type { MailerService } from './fixtures/mailer.service.js';
import { RunnableExamples } from './run-examples.js';

const EMAIL = { to: 'ada@example.org', subject: 'Hello', body: 'How are you?' };

describe('the example of e-mails', () => {
  const examples = new RunnableExamples();
  let app: INestApplication;
  let mailer: MailerService;

  afterEach(() => app.close());

  async function start(): Promise<void> {
    const { EmailsModule } = await examples.load<{ EmailsModule: Type }>('emails.module');
    const { MailerService } = await examples.load<{ MailerService: Type<MailerService> }>('mailer.service');
    const module = await Test.createTestingModule({
      imports: [QueueModule.forRoot({ driver: 'array', logger: false }), EmailsModule],
    }).compile();
    app = module.createNestApplication({ logger: false });
    await app.init();
    mailer = app.get(MailerService);
  }

  it('sends a posted e-mail and reports that it is sent', async () => {
    await start();
    const { body: pushed } = await request(app.getHttpServer()).post('/emails').send(EMAIL).expect(201);
    await eventually(async () => {
      const { body } = await request(app.getHttpServer()).get(`/emails/${pushed.id}`).expect(200);
      expect(body).toMatchObject({ id: pushed.id, status: 'completed', queue: 'emails', attempt: 1 });
    });
    expect(mailer.sent).toEqual([{ message: EMAIL, messageId: pushed.id }]);
    await request(app.getHttpServer()).get('/emails/unknown').expect(404);
  });

  it('keeps an e-mail that has a delay', async () => {
    await start();
    const { body } = await request(app.getHttpServer()).post('/emails/later').send(EMAIL).expect(201);
    const { body: status } = await request(app.getHttpServer()).get(`/emails/${body.id}`).expect(200);
    expect(status).toMatchObject({ status: 'delayed', attempt: 0 });
    expect(await app.get(QueueManager).counts('emails')).toMatchObject({ delayed: 1 });
    expect(mailer.sent).toEqual([]);
  });

  it('tries again if the mail server is down', async () => {
    await start();
    mailer.broken = true;
    const { body } = await request(app.getHttpServer()).post('/emails').send(EMAIL).expect(201);
    await eventually(async () => {
      const { body: status } = await request(app.getHttpServer()).get(`/emails/${body.id}`).expect(200);
      expect(status).toMatchObject({ status: 'retrying', attempt: 1, error: 'mail server is down' });
    });
    expect(mailer.undelivered).toEqual([]);
  });
});

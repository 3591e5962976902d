import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, type INestApplication } from '@nestjs/common';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import {
  Job,
  QueueAdmin,
  QueueHealth,
  QueueManager,
  QueueModule,
  Worker,
  type HealthCheckOptions,
} from 'nestjs-job-queue';
import request from 'supertest';
import { FakeClock } from '../../support/fake-clock.js';
import { startRedis } from '../../support/redis-server.js';
import { CLOCK } from '../../../lib/queue.tokens.js';
import { TEST_OPTIONS } from './queue-app.js';

@Job({ queue: 'mails' })
@Injectable()
class MailJob {
  handle(_to: string): void {}
}

describe('a check of the queue', () => {
  const start = async (clock = new FakeClock()) => {
    const module = await Test.createTestingModule({
      imports: [QueueModule.forRoot({ ...TEST_OPTIONS, worker: false })],
      providers: [MailJob],
    })
      .overrideProvider(CLOCK)
      .useValue(clock)
      .compile();
    await module.init();
    open.push(module);
    const parts = { queue: module.get(QueueManager), admin: module.get(QueueAdmin), worker: module.get(Worker) };
    return { ...parts, clock, health: module.get(QueueHealth) };
  };
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const app of open.splice(0)) await app.close();
  });

  it('is up if the storage answers, whatever waits', async () => {
    const { queue, health } = await start();
    await queue.push(MailJob, 'ada');
    expect(await health.check('queue')).toEqual({ queue: { status: 'up' } });
  });

  it('tells the queues, and is down with the queue that has too many ready jobs', async () => {
    const { queue, health } = await start();
    await queue.pushMany(MailJob, ['ada', 'grace', 'edsger']);
    const mails = { ready: 3, oldestReadyAge: 0, workers: 0, paused: false };
    expect(await health.check('queue', { maxReady: 3 })).toEqual({ queue: { status: 'up', queues: { mails } } });
    expect(await health.check('queue', { maxReady: 2 })).toEqual({
      queue: { status: 'down', message: 'queue mails has 3 ready jobs, more than 2', queues: { mails } },
    });
    expect(await health.check('queue', { queues: ['other'], maxReady: 2 })).toMatchObject({ queue: { status: 'up' } });
  });

  it('is down if a job has been ready for too long, unless its queue is paused', async () => {
    const { queue, admin, health, clock } = await start();
    await queue.push(MailJob, 'ada');
    await clock.advance(301);
    expect(await health.check('queue', { maxAge: '301s' })).toMatchObject({ queue: { status: 'up' } });
    expect(await health.check('queue', { maxAge: '5m' })).toMatchObject({
      queue: {
        status: 'down',
        message: 'queue mails has a job that has been ready for 301 s, longer than 300 s',
      },
    });
    await admin.pause('mails');
    expect(await health.check('queue', { maxAge: '5m', maxReady: 0 })).toMatchObject({
      queue: { status: 'up', queues: { mails: { paused: true } } },
    });
  });

  it('is down with too few workers of a queue, and of all queues', async () => {
    const { worker, health } = await start();
    const of = (options: HealthCheckOptions) => health.check('queue', { minWorkers: 1, ...options });
    expect(await of({})).toEqual({ queue: { status: 'down', message: '0 workers run, fewer than 1' } });
    expect(await of({ queues: ['mails'] })).toMatchObject({
      queue: { status: 'down', message: 'queue mails has 0 workers, fewer than 1' },
    });
    worker.start();
    expect(await of({})).toEqual({ queue: { status: 'up' } });
    expect(await of({ queues: ['mails'] })).toMatchObject({
      queue: { status: 'up', queues: { mails: { workers: 1 } } },
    });
    expect(await of({ queues: ['other'] })).toMatchObject({ queue: { status: 'down' } });
    await worker.stop();
  });

  it.each([
    [{ maxReady: -1 }, 'Option "check.maxReady": expected a whole number from 0, got -1', 'ERR_INVALID_OPTION'],
    [{ maxready: 1 }, 'did you mean "maxReady"?', 'ERR_INVALID_OPTION'],
    [{ queues: [] }, 'Option "check.queues"', 'ERR_INVALID_OPTION'],
    [{ queues: ['a:b'] }, 'a:b', 'ERR_INVALID_QUEUE_NAME'],
    [{ timeout: 0 }, 'Option "check.timeout"', 'ERR_INVALID_OPTION'],
  ])('is down with the wrong option %j, and does not reject', async (options, message, code) => {
    const { health } = await start();
    const { queue } = await health.check('queue', options as HealthCheckOptions);
    expect(queue).toMatchObject({ status: 'down', code });
    expect(queue.message).toContain(message);
  });
});

describe('a health check of terminus', () => {
  @Controller('health')
  class HealthController {
    constructor(
      private readonly health: HealthCheckService,
      private readonly queue: QueueHealth,
    ) {}

    @Get()
    @HealthCheck()
    check() {
      return this.health.check([() => this.queue.check('jobs', { maxReady: 0 })]);
    }
  }

  const METADATA = { imports: [TerminusModule.forRoot({ logger: false })], controllers: [HealthController] };

  it('answers 200 with the state of the queue, and 503 with the reason', async () => {
    const http = await serve(METADATA, { driver: 'array' });
    const answer = await request(http.app.getHttpServer() as never)
      .get('/health')
      .expect(200);
    expect(answer.body).toMatchObject({ status: 'ok', info: { jobs: { status: 'up' } } });
    await http.app.get(QueueManager).push(MailJob, 'ada');
    const down = await request(http.app.getHttpServer() as never)
      .get('/health')
      .expect(503);
    expect(down.body).toMatchObject({
      status: 'error',
      error: { jobs: { status: 'down', message: 'queue mails has 1 ready jobs, more than 0' } },
    });
    await http.app.close();
  });

  it('answers 503 within the time limit while Redis hangs', async () => {
    const server = await startRedis();
    const http = await serve(METADATA, { driver: 'redis', redis: { url: server.url } });
    try {
      await request(http.app.getHttpServer() as never)
        .get('/health')
        .expect(200);
      server.kill('SIGSTOP');
      const down = await request(http.app.getHttpServer() as never)
        .get('/health')
        .expect(503);
      expect(down.body).toMatchObject({ error: { jobs: { status: 'down', code: 'ERR_CONNECTION' } } });
      server.kill('SIGCONT');
      await request(http.app.getHttpServer() as never)
        .get('/health')
        .expect(200);
    } finally {
      server.kill('SIGCONT');
      await http.app.close();
      await server.stop();
    }
  });

  async function serve(
    metadata: typeof METADATA,
    options: { driver: 'array' | 'redis'; redis?: { url: string } },
  ): Promise<{ app: INestApplication }> {
    const module = await Test.createTestingModule({
      ...metadata,
      imports: [...metadata.imports, QueueModule.forRoot({ ...TEST_OPTIONS, worker: false, ...options })],
      providers: [MailJob],
    }).compile();
    const app = module.createNestApplication();
    await app.init();
    return { app };
  }
});

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ModuleMetadata, Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { Queue, Worker as BullWorker } from 'bullmq';
import {
  type JobClass,
  type JobHandler,
  QueueManager,
  QueueModule,
  type QueueModuleOptions,
  Worker,
} from 'nestjs-job-queue';
import { deferred } from '../support/deferred.js';
import { useRedis } from '../support/use-redis.js';
import type { MailerService } from './fixtures/mailer.service.js';
import { PLACES } from './places.js';
import { RunnableExamples } from './run-examples.js';

interface Address {
  to: string;
}

describe('the move from @nestjs/bullmq', () => {
  const examples = new RunnableExamples();
  const redis = useRedis();
  let app: TestingModule | undefined;
  let mailer: MailerService;

  afterEach(async () => {
    jest.restoreAllMocks();
    await app?.close();
    app = undefined;
  });

  const queue = (): QueueManager => app!.get(QueueManager);
  const worker = (): Worker => app!.get(Worker);

  async function find<T>(file: string, name: string): Promise<Type<T>> {
    return (await examples.load<Record<string, Type<T>>>(file))[name]!;
  }

  async function start(parts: ModuleMetadata = {}, options: QueueModuleOptions = {}): Promise<void> {
    const MailerService = await find<MailerService>('mailer.service', 'MailerService');
    const names = ['WelcomeEmailJob', 'ReminderEmailJob'];
    const jobs = await Promise.all(names.map((name) => find('account-emails.jobs', name)));
    app = await Test.createTestingModule({
      imports: [QueueModule.forRoot({ driver: 'array', worker: false, logger: false, ...options })],
      providers: [MailerService, ...jobs, ...(parts.providers ?? [])],
    }).compile();
    await app.init();
    mailer = app.get(MailerService);
  }

  it('runs job classes in place of a processor', async () => {
    await start();
    const ReminderEmailJob: JobClass<JobHandler<Address>> = await find('account-emails.jobs', 'ReminderEmailJob');
    const ids = await queue().pushMany(ReminderEmailJob, [
      { to: 'ada@example.org' },
      { to: 'bob@blocked.example.org' },
    ]);
    await worker().runOnce();
    expect(mailer.sent.map(({ message }) => message.to)).toEqual(['ada@example.org']);
    expect(await queue().getJobStatus(ids[1]!)).toMatchObject({ status: 'failed', attempt: 1, error: 'blocked' });
  });

  it('pushes now, later and many', async () => {
    await start();
    for (let call = 0; call < 2; call++) {
      await examples.run(PLACES.migration, 'pushing', queue(), 'ada@example.org', 7, ['bob@example.org']);
    }
    expect(await queue().counts('emails')).toMatchObject({ ready: 4, delayed: 1 });
  });

  it('calls failed() once, after the last attempt', async () => {
    const NewsletterJob: JobClass<JobHandler<object>> = await find('newsletter.job', 'NewsletterJob');
    await start({ providers: [NewsletterJob] });
    const lines: string[] = [];
    jest.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
    await examples.run(PLACES.migration, 'events', worker());
    const subjects: string[] = [];
    jest.spyOn(mailer, 'send').mockImplementation(async ({ subject }) => {
      subjects.push(subject);
      throw new Error('no');
    });
    const data = { to: 'ada@example.org', subject: 'News', body: '' };
    const id = await queue().push(NewsletterJob, data, { maxTries: 2, retryDelay: 0 });
    await worker().run({ stopWhenEmpty: true });
    expect(subjects).toEqual(['News', 'News (last try)']);
    expect(mailer.undelivered).toEqual([{ message: data, reason: 'no' }]);
    expect(lines).toEqual([`NewsletterJob ${id} will be tried again: no`, `NewsletterJob ${id} failed: no`]);
  });

  it('tests with the array driver', async () => {
    await examples.run(PLACES.migration, 'tests');
  });

  it('has a module that Nest can make', async () => {
    const { AccountModule } = await examples.load<{ AccountModule: Type }>('lib-coming-from-nestjs-bullmq.module');
    app = await Test.createTestingModule({ imports: [AccountModule] }).compile();
    expect(queue()).toBeInstanceOf(QueueManager);
  });

  describe('beside BullMQ', () => {
    let old: Queue<Address>;

    const connection = () => {
      const { hostname, port } = new URL(redis.url);
      return { host: hostname, port: Number(port), maxRetriesPerRequest: null };
    };

    beforeEach(() => {
      old = new Queue('emails', { connection: connection() });
    });

    afterEach(() => old.close());

    it('moves each job of the old queue once', async () => {
      await old.add('welcome', { to: 'ada@example.org' });
      await old.add('welcome', { to: 'bob@example.org' }, { priority: 3 });
      await old.add('reminder', { to: 'cy@example.org' }, { delay: 86_400_000 });
      await start({}, { driver: 'redis', redis: { url: redis.url } });
      const { moveOldJobs } = await examples.load<{
        moveOldJobs: (from: Queue<Address>, to: QueueManager) => Promise<number>;
      }>('move-old-jobs');
      expect(await moveOldJobs(old, queue())).toBe(3);
      expect(await queue().counts('emails')).toMatchObject({ ready: 2, delayed: 1 });
      expect(await old.getJobCounts()).toMatchObject({ waiting: 0, prioritized: 0, delayed: 0 });
      const [due] = (await redis.client.zrange('queue:emails:delayed', '0', '-1', 'WITHSCORES')).slice(1);
      expect(Number(due) - Date.now() / 1000).toBeGreaterThan(86_300);
      expect(Number(due) - Date.now() / 1000).toBeLessThan(86_401);
      await worker().run({ stopWhenEmpty: true });
      expect(mailer.sent.map(({ message }) => message.to).sort()).toEqual(['ada@example.org', 'bob@example.org']);
      const kinds = new Set((await redis.client.keys('*')).map((key) => key.split(':')[0]!));
      expect([...kinds].sort()).toEqual(['bull', 'job', 'queue', 'queues', 'worker']);
    });

    it('describes the attempts of BullMQ correctly: it counts earlier attempts, and reports each failed attempt', async () => {
      const counted: string[] = [];
      const last = deferred();
      const bull = new BullWorker<Address>(
        'emails',
        async (job) => {
          counted.push(`process ${job.attemptsMade} of ${job.opts.attempts}`);
          throw new Error('no');
        },
        { connection: connection() },
      );
      bull.on('failed', (job) => {
        counted.push(`failed ${job?.attemptsMade}`);
        if (job?.attemptsMade === 2) last.resolve();
      });
      await old.add('welcome', { to: 'ada@example.org' }, { attempts: 2, backoff: 1 });
      await last.promise;
      await bull.close();
      expect(counted).toEqual(['process 0 of 2', 'failed 1', 'process 1 of 2', 'failed 2']);
    });
  });
});

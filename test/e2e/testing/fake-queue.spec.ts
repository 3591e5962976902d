import { AssertionError } from 'node:assert';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ForbiddenException,
  Inject,
  Injectable,
  Module,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  compress,
  defineJob,
  InvalidOptionError,
  Job,
  JobContext,
  jobSpec,
  PayloadInvalidError,
  QueueManager,
  QueueModule,
  QueueSchedules,
  type ChunkHandler,
  type ChunkItem,
  type JobHandler,
  type JobHandlerOf,
  type JobInterface,
  type JobMiddleware,
  type QueueModuleOptions,
} from 'nestjs-job-queue';
import {
  CLOCK,
  fakeQueue,
  fakeQueueOptions,
  jobContext,
  QueueTestingModule,
  VirtualClock,
} from 'nestjs-job-queue/testing';
import type { FakeQueue } from 'nestjs-job-queue/testing';
import { z } from 'zod';

interface Email {
  readonly to: string;
}

const seen: unknown[] = [];

@Injectable()
class Mailer {
  broken = 0;

  send(to: string): string {
    if (this.broken-- > 0) throw new Error('the server is down');
    seen.push(to);
    return `sent to ${to}`;
  }
}

@Job({ queue: 'emails', maxTries: 3, retryDelay: '1m' })
class SendEmail implements JobHandler<Email> {
  constructor(private readonly mailer: Mailer) {}

  async handle({ to }: Email): Promise<string> {
    return this.mailer.send(to);
  }
}

@Job()
class Resize implements JobInterface {
  @Inject(Mailer) private readonly mailer!: Mailer;
  constructor(readonly path: string) {}

  async handle(): Promise<void> {
    this.mailer.send(this.path);
  }
}

const Ship = defineJob<{ order: string }, { parcel: string }>('ship-order', { queue: 'orders' });

@Job(Ship)
class ShipHandler implements JobHandlerOf<typeof Ship> {
  constructor(private readonly queue: QueueManager) {}

  async handle({ order }: { order: string }): Promise<{ parcel: string }> {
    await this.queue.push(SendEmail, { to: order });
    return { parcel: order };
  }
}

@Injectable()
class Allowed implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const [data, job] = context.getArgs<[{ n: number }, JobContext]>();
    seen.push(['guard', data.n, job.attempt]);
    if (data.n < 0) throw new ForbiddenException();
    return true;
  }
}

@UseGuards(Allowed)
@Job({ name: 'guarded', schema: z.object({ n: z.number() }) })
class Guarded {
  async handle({ n }: { n: number }, job: JobContext): Promise<string> {
    if (n === 1) job.fail(new Error('one is refused'));
    return `${n} of ${job.queue}, ${job.metadata['tenant'] ?? 'nobody'}`;
  }
}

@Job({ chunk: { size: 10 } })
class Chunked implements ChunkHandler<string, number> {
  handleChunk(items: readonly ChunkItem<string, number>[]): void {
    for (const item of items) item.complete(item.data.length);
  }
}

@Job()
class Endless implements JobHandler<number> {
  constructor(private readonly queue: QueueManager) {}
  async handle(n: number): Promise<void> {
    await this.queue.push(Endless, n + 1);
  }
}

@Injectable()
class Noting implements JobMiddleware {
  async handle(job: JobContext, next: () => Promise<unknown>): Promise<unknown> {
    seen.push(['middleware', job.name]);
    return next();
  }
}

const JOBS = [Mailer, SendEmail, ShipHandler, Guarded, Allowed, Chunked, Endless];
const FEATURES = [QueueModule.forFeature([Resize])];

@Module({
  imports: [
    QueueModule.forRootAsync({
      useFactory: () => ({
        logger: false as const,
        redis: { url: 'redis://nowhere:1' },
        default: 'mine',
        middleware: [Noting],
        worker: { concurrency: 2 },
      }),
    }),
    ...FEATURES,
  ],
  providers: JOBS,
})
class AppModule {}

const KITS: [string, (options?: QueueModuleOptions) => Promise<TestingModule>][] = [
  [
    'QueueTestingModule',
    (options) =>
      Test.createTestingModule({
        imports: [QueueTestingModule.forRoot(options), ...FEATURES],
        providers: JOBS,
      }).compile(),
  ],
  [
    'fakeQueueOptions',
    (options) => fakeQueueOptions(Test.createTestingModule({ imports: [AppModule] }), options).compile(),
  ],
];

/** Returns the error of an assertion that has to fail. */
function failureOf(assertion: () => void): AssertionError {
  try {
    assertion();
  } catch (error) {
    expect(error).toBeInstanceOf(AssertionError);
    return error as AssertionError;
  }
  throw new Error('The assertion holds');
}

describe.each(KITS)('fakeQueue with %s', (_, build) => {
  let app: TestingModule;
  let fake: FakeQueue;
  let queue: QueueManager;

  async function start(options?: QueueModuleOptions): Promise<void> {
    app = await build(options);
    await app.init();
    fake = fakeQueue(app);
    queue = app.get(QueueManager);
    seen.splice(0);
  }

  beforeEach(() => start());
  afterEach(() => app.close());

  it('tells what was pushed: a copy of the data, and where and when', async () => {
    const email = { to: 'ada' };
    const id = await queue.push(SendEmail, email, { priority: 5, metadata: { tenant: 'a' }, tags: ['x'], maxTries: 2 });
    await queue.later(SendEmail, { to: 'bob' }, '5m', 'slow');
    email.to = 'changed';
    expect(fake.pushed(SendEmail)).toMatchObject([
      {
        id,
        name: 'SendEmail',
        queue: 'emails',
        data: { to: 'ada' },
        delay: 0,
        priority: 5,
        metadata: { tenant: 'a' },
        tags: ['x'],
        options: { maxTries: 2 },
      },
      { queue: 'slow', data: { to: 'bob' }, delay: 300 },
    ]);
    expect(fake.pushed('SendEmail')).toHaveLength(2);
    expect(fake.pushed(Ship)).toEqual([]);
  });

  it('still tells it when the job has run, and leaves out what added nothing', async () => {
    await queue.push(SendEmail, { to: 'ada' }, { id: 'one' });
    await queue.push(SendEmail, { to: 'ada' }, { id: 'one' });
    await fake.drain();
    expect(fake.pushed(SendEmail)).toHaveLength(1);
    await queue.deferPushes(() => queue.push(SendEmail, { to: 'bob' }));
    await queue
      .deferPushes(async () => {
        await queue.push(SendEmail, { to: 'eve' });
        throw new Error('rolled back');
      })
      .catch(() => undefined);
    expect(fake.pushed(SendEmail).map(({ data }) => data.to)).toEqual(['ada', 'bob']);
  });

  it('tells the last data of pushes that are put together', async () => {
    for (const to of ['a', 'b']) await queue.push(SendEmail, { to }, { debounce: { key: 'k', wait: '1m' } });
    expect(fake.pushed(SendEmail)).toMatchObject([{ data: { to: 'b' } }]);
  });

  it('asserts, and its errors show what was pushed', async () => {
    fake.assertNothingPushed();
    fake.assertNotPushed(SendEmail);
    expect(failureOf(() => fake.assertPushed(SendEmail)).message).toBe(
      'Expected a job SendEmail to be pushed.\nPushed were:\n  no jobs',
    );
    await queue.push(SendEmail, { to: 'ada' });
    await queue.later(new Resize('a.png'), '1h');
    fake.assertPushed(SendEmail);
    fake.assertPushed(SendEmail, ({ to }, job) => to === 'ada' && job.queue === 'emails');
    fake.assertPushed(Resize, ({ path }) => path === 'a.png');
    fake.assertPushedTimes(SendEmail, 1);
    fake.assertPushedTimes(SendEmail, 0, ({ to }) => to === 'bob');
    fake.assertPushedOn('emails', SendEmail);
    fake.assertDelayed(Resize, '1h');
    fake.assertDelayed(Resize, 3600);
    fake.assertDelayed(Resize, new Date(fake.now.getTime() + 3_600_000));
    fake.assertDelayed(Resize);
    fake.assertNotPushed(Ship);
    fake.assertNotPushed(SendEmail, ({ to }) => to === 'bob');
    const failures = [
      () => fake.assertPushed(SendEmail, ({ to }) => to === 'bob'),
      () => fake.assertPushedTimes(SendEmail, 2),
      () => fake.assertPushedOn('other', SendEmail),
      () => fake.assertDelayed(SendEmail),
      () => fake.assertDelayed(Resize, '2h'),
      () => fake.assertNotPushed(Resize),
      () => fake.assertNothingPushed(),
      () => fake.assertChained([SendEmail]),
    ].map(failureOf);
    const [, queueOfResize] = [0, fake.pushed(Resize)[0]!.queue];
    for (const { message } of failures) {
      expect(message).toContain(
        `Pushed were:\n  SendEmail (queue emails): {"to":"ada"}\n  Resize (queue ${queueOfResize}, in 3600 s): {"path":"a.png"}`,
      );
    }
    expect(failures.map(({ message }) => message.split('\n')[0])).toEqual([
      'Expected a job SendEmail that the predicate accepts to be pushed.',
      'Expected 2 jobs SendEmail to be pushed, and there were 1.',
      'Expected a job SendEmail to be pushed to queue other.',
      'Expected a job SendEmail to be delayed.',
      'Expected a job Resize to be delayed by 7200 s.',
      'Expected no job Resize to be pushed.',
      'Expected nothing to be pushed.',
      'Expected a chain of SendEmail.',
    ]);
    expect(failures[1]).toMatchObject({ actual: 1, expected: 2, code: 'ERR_ASSERTION' });
    expect(failures[1]!.stack).toMatch(/\n +at .*fake-queue\.spec/);
  });

  it('asserts chains, by classes or with their data', async () => {
    await queue.chain([jobSpec(SendEmail, { to: 'a' }), jobSpec(Ship, { order: '1' }), new Resize('p')]);
    fake.assertChained([SendEmail, Ship, Resize]);
    fake.assertChained(['SendEmail', jobSpec(Ship, { order: '1' }), new Resize('p')]);
    for (const other of [
      [SendEmail, Ship],
      [Ship, SendEmail, Resize],
      [SendEmail, jobSpec(Ship, { order: '2' }), Resize],
      [SendEmail, Ship, new Resize('q')],
    ]) {
      expect(failureOf(() => fake.assertChained(other)).message).toContain('chain: SendEmail, ship-order, Resize');
    }
    fake.assertPushedTimes(SendEmail, 1);
    fake.assertNotPushed(Ship);
    await fake.drain();
    expect(seen.filter((each) => typeof each === 'string')).toEqual(['a', 'p', '1']);
    fake.assertPushedTimes(Ship, 1);
  });

  it('asserts batches, with their jobs and those that follow them', async () => {
    fake.assertNothingPushed();
    expect(failureOf(() => fake.assertBatched()).message).toContain('Expected a batch that the predicate accepts.');
    const { id } = await queue.batch([jobSpec(SendEmail, { to: 'a' }), jobSpec(Ship, { order: '1' })], {
      name: 'orders.csv',
      then: jobSpec(SendEmail, { to: 'done' }),
    });
    fake.assertBatched((batch) => batch.id === id && batch.name === 'orders.csv' && batch.jobs.length === 2);
    fake.assertBatched(({ jobs }) => jobs[1]?.name === 'ship-order' && jobs[0]?.name === 'SendEmail');
    fake.assertBatched((batch) => batch.then?.name === 'SendEmail' && batch.finally === undefined);
    const { message } = failureOf(() => fake.assertBatched(({ jobs }) => jobs.length === 3));
    expect(message).toContain('batch orders.csv: 2 jobs');
    await queue.addToBatch(id, [jobSpec(SendEmail, { to: 'b' })]);
    fake.assertBatched(({ jobs }) => jobs.length === 3);
    await fake.drain();
    expect(seen.filter((each) => typeof each === 'string')).toEqual(expect.arrayContaining(['a', 'b', '1', 'done']));
    expect(await queue.getBatch(id)).toMatchObject({ state: 'completed', total: 3 });
    fake.assertPushed(SendEmail, ({ to }) => to === 'done');
  });

  it('drains all queues, and the jobs that jobs push, and lets no time pass', async () => {
    const before = fake.now;
    await queue.pushMany(Ship, [{ order: '1' }, { order: '2' }], 'anywhere');
    await queue.later(SendEmail, { to: 'late' }, 1);
    expect(await fake.drain()).toBe(4);
    expect(seen.filter((each) => typeof each === 'string')).toEqual(['1', '2']);
    expect(fake.now).toEqual(before);
    expect(await fake.drain()).toBe(0);
  });

  it('travels: what becomes due runs at its time', async () => {
    app.get(Mailer).broken = 1;
    const id = await queue.push(SendEmail, { to: 'ada' });
    await queue.later(SendEmail, { to: 'bob' }, '1d');
    const begin = fake.now.getTime();
    expect(await fake.travel('59s')).toBe(1);
    expect(await queue.getJobStatus(id)).toMatchObject({ status: 'retrying', attempt: 1 });
    expect(await fake.travel('1s')).toBe(1);
    expect(await queue.getJobStatus(id)).toMatchObject({ status: 'completed', attempt: 2 });
    expect(await fake.travel('30d')).toBe(1);
    expect(seen.filter((each) => typeof each === 'string')).toEqual(['ada', 'bob']);
    expect(fake.now.getTime()).toBe(begin + 60_000 + 30 * 86_400_000);
    expect(app.get(CLOCK)).toBeInstanceOf(VirtualClock);
  });

  it('travels past limits, pauses and waits', async () => {
    await app.close();
    await start({ queues: { emails: { rateLimit: { max: 1, per: '1m' } } } });
    await queue.pushMany(SendEmail, [{ to: 'a' }, { to: 'b' }, { to: 'c' }]);
    expect(await fake.drain()).toBe(1);
    expect(await fake.travel('1m')).toBe(1);
    expect(await fake.travel('1h')).toBe(1);
    const id = await queue.later(SendEmail, { to: 'd' }, '2h');
    const waiting = queue.waitFor(id, { timeout: '1h' });
    const refused = expect(waiting).rejects.toMatchObject({ code: 'ERR_WAIT_TIMEOUT' });
    await fake.travel('1h');
    await refused;
  });

  it('travels past the times of schedules, each occurrence at its time', async () => {
    const schedules = app.get(QueueSchedules);
    await schedules.set('hourly', { every: '1h', job: jobSpec(SendEmail, { to: 'ada' }) });
    await schedules.set('noon', { cron: '0 12 * * *', timeZone: 'UTC', job: jobSpec(Ship, { order: '1' }) });
    await fake.travel('1d');
    fake.assertPushedTimes(Ship, 1);
    fake.assertPushedTimes(SendEmail, 24, ({ to }) => to === 'ada');
    expect(new Set(fake.pushed(SendEmail).map(({ metadata }) => metadata['scheduledFor'])).size).toBe(25);
  });

  it('settles a job, with the time that it needs', async () => {
    app.get(Mailer).broken = 2;
    const id = await queue.later(SendEmail, { to: 'ada' }, '1h');
    expect(await fake.settled(id)).toMatchObject({ status: 'completed', attempt: 3 });
    app.get(Mailer).broken = 9;
    const failing = await queue.push(SendEmail, { to: 'bob' });
    expect(await fake.settled(failing)).toMatchObject({ status: 'failed', attempt: 3, error: 'the server is down' });
    await expect(fake.settled('unknown')).rejects.toThrow(AssertionError);
  });

  it('says so if jobs push others without an end', async () => {
    await queue.push(Endless, 0);
    await expect(fake.drain()).rejects.toThrow(/drain\(\) has made \d+ attempts, and jobs are still ready/);
  });

  it('runs one job with its schema, guards and context, and gives its result', async () => {
    expect(await fake.runJob(Guarded, { n: 5 })).toBe('5 of default, nobody');
    const context = { queue: 'q', attempt: 2, metadata: { tenant: 'acme' } };
    expect(await fake.runJob(Guarded, { n: 5 }, context)).toBe('5 of q, acme');
    expect(seen).toEqual(
      expect.arrayContaining([
        ['guard', 5, 1],
        ['guard', 5, 2],
      ]),
    );
    await expect(fake.runJob(Guarded, { n: -1 })).rejects.toThrow(ForbiddenException);
    await expect(fake.runJob(Guarded, { n: 'x' } as never)).rejects.toThrow(PayloadInvalidError);
    await expect(fake.runJob(Guarded, { n: 1 })).rejects.toThrow('one is refused');
    expect(await fake.runJob(SendEmail, { to: 'ada' })).toBe('sent to ada');
    expect(await fake.runJob(Ship, { order: '7' })).toEqual({ parcel: '7' });
    expect(await fake.runJob('guarded', { n: 2 })).toBe('2 of default, nobody');
    await fake.runJob(Resize, { path: 'a.png' } as never);
    expect(await fake.runJob(Chunked, 'four')).toBe(4);
    expect(seen).toContain('a.png');
    fake.assertPushedTimes(SendEmail, 1);
    expect(fake.pushed(Guarded)).toEqual([]);
  });

  it('keeps the other options of the queue', async () => {
    await app.close();
    await start({ codecs: [compress({ above: 0 })] });
    await queue.push(SendEmail, { to: 'a'.repeat(100) });
    expect(fake.pushed(SendEmail)[0]).toMatchObject({ data: { to: 'a'.repeat(100) }, options: { marks: ['deflate'] } });
    expect(await fake.drain()).toBe(1);
  });
});

describe('fakeQueueOptions', () => {
  it('leaves the middleware and the default queue of the application', async () => {
    const app = await fakeQueueOptions(Test.createTestingModule({ imports: [AppModule] })).compile();
    await app.init();
    seen.splice(0);
    const fake = fakeQueue(app);
    await app.get(QueueManager).push(Endless, 0, { id: 'e' });
    expect(fake.pushed(Endless)[0]!.queue).toBe('mine');
    await fake.runJob(SendEmail, { to: 'ada' });
    expect(seen).toEqual([['middleware', 'SendEmail'], 'ada']);
    await app.close();
  });
});

describe('fakeQueue', () => {
  it('refuses an application without the kit', async () => {
    const app = await Test.createTestingModule({
      imports: [QueueModule.forRoot({ driver: 'array', worker: false })],
    }).compile();
    expect(() => fakeQueue(app)).toThrow(InvalidOptionError);
    await app.close();
  });
});

describe('jobContext', () => {
  it('is a context of the first attempt, with what the test gives in place of its members', async () => {
    const context = jobContext();
    expect(context).toBeInstanceOf(JobContext);
    expect(context).toMatchObject({ id: 'job-1', attempt: 1, maxTries: 3, queue: 'default', isLastTry: false });
    expect([context.metadata, context.tags, context.group]).toEqual([{}, [], undefined]);
    expect(context.signal.aborted).toBe(false);
    await context.progress(5);
    await context.log('line');
    await context.checkpoint({ at: 1 });
    context.release('5s');
    const calls: unknown[] = [];
    const signal = AbortSignal.abort();
    const own = jobContext<Email, { line: number }>({
      attempt: 3,
      data: { to: 'ada' },
      checkpointed: { line: 5 },
      signal,
      metadata: { a: 'b' },
      group: 'g',
      release: (...args) => void calls.push(args),
    });
    own.release('30s', { hold: 'queue' });
    expect(calls).toEqual([['30s', { hold: 'queue' }]]);
    expect(own.data.to).toBe('ada');
    expect(own).toMatchObject({
      attempt: 3,
      checkpointed: { line: 5 },
      group: 'g',
      isLastTry: true,
      metadata: { a: 'b' },
    });
    expect(own.signal).toBe(signal);
  });
});

import { describe, expect, test, beforeEach, afterEach } from '@jest/globals';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { IsEmail } from 'class-validator';
import {
  classSchema,
  defineJob,
  InvalidOptionError,
  Job,
  jobSpec,
  PayloadInvalidError,
  QueueAdmin,
  QueueModule,
  type ChunkHandler,
  type ChunkItem,
  type JobContext,
  type JobHandlerOf,
} from 'nestjs-job-queue';
import { z } from 'zod';
import { storages } from '../../fuzz/storages.js';
import { useRedis } from '../../support/use-redis.js';
import { closeQueueApps, startQueueApp, type QueueApp } from './queue-app.js';

const seen: unknown[] = [];
const failures: unknown[] = [];

const Email = z.object({ to: z.email() });

@Job({ schema: Email })
class MailJob {
  handle(data: z.infer<typeof Email>, job: JobContext): void {
    seen.push(data, job.data);
  }

  failed(error: Error): void {
    failures.push(error);
  }
}

const Transfer = defineJob('transfer', {
  schema: z.object({ amount: z.string().transform(Number), to: z.string().default('bank') }),
  group: ({ to }) => `to ${to}`,
  unique: { key: ({ amount }) => amount.toFixed(2) },
});

@Job(Transfer)
class TransferHandler implements JobHandlerOf<typeof Transfer> {
  async handle(data: { amount: number; to: string }, job: JobContext): Promise<void> {
    seen.push(data, job.group);
  }
}

class WelcomeDto {
  @IsEmail()
  to!: string;
}

@Job({ schema: classSchema(WelcomeDto) })
class WelcomeJob {
  handle(data: WelcomeDto): void {
    seen.push(data);
  }
}

@Job({ schema: Email, validate: 'push' })
class AtPush {
  handle(data: unknown): void {
    seen.push(data);
  }
}

@Job({ schema: Email, validate: 'handle' })
class AtHandle {
  handle(data: z.infer<typeof Email>): void {
    seen.push(data);
  }
}

@Job({ schema: Email.extend({ cc: z.email().optional() }), chunk: { size: 10 } })
class MailChunk implements ChunkHandler<{ to: string; cc?: string | undefined }> {
  handleChunk(items: readonly ChunkItem<{ to: string; cc?: string | undefined }>[]): void {
    seen.push(items.map(({ data }) => data.to));
  }
}

const Merged = defineJob('merged', {
  schema: z
    .array(z.number())
    .max(3)
    .transform((numbers) => numbers.length),
  debounce: { key: 'one', wait: 60, merge: (waiting, pushed) => [...waiting, ...pushed] },
});

@Job(Merged)
class MergedHandler implements JobHandlerOf<typeof Merged> {
  handle(count: number): void {
    seen.push(count);
  }
}

@Job({ schema: z.object({ path: z.string().min(1) }) })
class ReportJob {
  constructor(readonly path: string) {}
  handle(): void {
    seen.push(this);
  }
}

/** A schema of text whose check is a function. */
function textSchema(check: (text: unknown) => unknown): StandardSchemaV1<string> {
  const validate = async (value: unknown): Promise<StandardSchemaV1.Result<string>> =>
    (await check(value)) === false ? { issues: [{ message: 'is bad' }] } : { value: value as string };
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

let answers: (() => void)[] = [];

@Job({ schema: textSchema((text) => new Promise((resolve) => answers.push(() => resolve(text !== 'bad')))) })
class SlowJob {
  handle(text: string): void {
    seen.push(text);
  }
}

const throwing = textSchema(() => {
  throw new Error('the directory is away');
});

@Job({ schema: throwing, validate: 'handle', maxTries: 2, retryDelay: 0 })
class ThrowingJob {
  handle(): void {
    seen.push('ran');
  }
}

const JOBS = [MailJob, TransferHandler, WelcomeJob, AtPush, AtHandle, MailChunk, MergedHandler, SlowJob, ThrowingJob];
const good = { to: 'ada@example.org' };
const bad = { to: 'ada' };

describe.each(storages(useRedis()))('the data of a job with a schema, with driver %s', (_, storage) => {
  let app: QueueApp;

  beforeEach(async () => {
    seen.splice(0);
    failures.splice(0);
    answers = [];
    app = await startQueueApp({ providers: JOBS, imports: [QueueModule.forFeature([ReportJob])] }, storage.options());
  });
  afterEach(closeQueueApps);

  /** Expects that each of these pushes is refused, with nothing written. */
  async function expectRefused(
    pushes: readonly (() => Promise<unknown>)[],
    type: new (...args: never[]) => Error = PayloadInvalidError,
  ): Promise<void> {
    const before = await storage.writes(app);
    for (const push of pushes) await expect(push()).rejects.toThrow(type);
    expect(await storage.writes(app)).toEqual(before);
  }

  test('is checked by each push, before anything is written', async () => {
    const { queue } = app;
    await expectRefused([
      () => queue.push(MailJob, bad),
      () => queue.push('MailJob', bad),
      () => queue.push(WelcomeJob, bad),
      () => queue.dispatch(MailJob, bad),
      () => queue.later(MailJob, bad, 5),
      () => queue.pushAndWait(MailJob, bad, { timeout: 1 }),
      () => queue.pushMany(MailJob, [good, bad]),
      () => queue.pushMany([jobSpec(MailJob, good), jobSpec(WelcomeJob, bad)]),
      () => queue.pushMany([jobSpec(WelcomeJob, good), new ReportJob('')]),
      () => queue.push(new ReportJob('')),
      () => queue.chain([jobSpec(MailJob, good), jobSpec(MailJob, bad)]),
      () => queue.workflow('w').add('a', jobSpec(MailJob, bad)).dispatch(),
      () => queue.deferPushes(() => queue.push(MailJob, bad)),
    ]);
    await expect(queue.push(MailJob, bad)).rejects.toMatchObject({
      code: 'ERR_PAYLOAD_INVALID',
      jobName: 'MailJob',
      issues: [{ path: ['to'], message: expect.any(String) }],
    });
  });

  test('is given to handle as the schema has made it, and stored as it was pushed', async () => {
    const id = await app.queue.push(Transfer, { amount: '12.5' });
    expect(await app.queue.getJob(id)).toMatchObject({ data: { amount: '12.5' }, group: 'to bank' });
    expect(await app.queue.dispatch(Transfer, { amount: '12.50' })).toEqual({ id, outcome: 'duplicate' });
    expect(await app.run(id)).toMatchObject({ status: 'completed' });
    expect(seen).toEqual([{ amount: 12.5, to: 'bank' }, 'to bank']);
  });

  test('is the same in the context of the job', async () => {
    await app.queue.push(MailJob, { ...good, extra: 1 } as never);
    await app.run();
    expect(seen).toEqual([good, good]);
    expect(seen[0]).toBe(seen[1]);
  });

  test('is an instance of a class with classSchema()', async () => {
    await app.queue.push(WelcomeJob, Object.assign(new WelcomeDto(), good));
    await app.run();
    expect(seen).toEqual([good]);
    expect(seen[0]).toBeInstanceOf(WelcomeDto);
  });

  test('is checked again before handle: an invalid job fails for good, and nothing of it is called', async () => {
    const id = await app.queue.push(AtHandle, bad);
    const other = await app.queue.push(MailJob, good, { maxTries: 9, delay: 60 });
    await app.app.get(QueueAdmin).setData(other, bad);
    await app.app.get(QueueAdmin).promote(other);
    const status = await app.run(other);
    expect(status).toMatchObject({ status: 'failed', attempt: 1, error: expect.stringContaining('data.to') });
    expect(await app.run(id)).toMatchObject({ status: 'failed', attempt: 1 });
    expect([seen, failures]).toEqual([[], []]);
    expect(await app.queue.getJob(id)).toMatchObject({ data: bad });
  });

  test('is checked at one side only, if validate says so', async () => {
    await expectRefused([() => app.queue.push(AtPush, bad)]);
    const id = await app.queue.push(AtPush, good, { delay: 60 });
    await app.app.get(QueueAdmin).setData(id, bad);
    await app.app.get(QueueAdmin).promote(id);
    expect(await app.run(id)).toMatchObject({ status: 'completed' });
    expect(seen).toEqual([bad]);
  });

  test('is checked item by item in a chunk', async () => {
    const ids = await app.queue.pushMany(MailChunk, [good, { to: 'bob@example.org' }], { delay: 60 });
    await app.app.get(QueueAdmin).setData(ids[0]!, bad);
    for (const id of ids) await app.app.get(QueueAdmin).promote(id);
    await app.run();
    const states = await Promise.all(ids.map((id) => app.queue.getJobStatus(id)));
    expect(states.map((state) => state?.status)).toEqual(['failed', 'completed']);
    expect(seen).toEqual([['bob@example.org']]);
  });

  test('is checked after it was merged with the data that waits', async () => {
    const { id } = await app.queue.dispatch(Merged, [1, 2]);
    expect(await app.queue.dispatch(Merged, [3])).toEqual({ id, outcome: 'replaced' });
    await expectRefused([() => app.queue.push(Merged, [4])]);
    expect(await app.queue.getJob(id)).toMatchObject({ data: [1, 2, 3] });
  });

  test('is checked for a job that carries its data', async () => {
    await app.queue.push(new ReportJob('a.pdf'));
    await app.run();
    expect(seen).toEqual([{ path: 'a.pdf' }]);
    expect(seen[0]).toBeInstanceOf(ReportJob);
  });

  test('may be checked asynchronously, in a bulk all at once', async () => {
    const pushing = app.queue.pushMany(SlowJob, ['a', 'b']);
    expect(answers).toHaveLength(2);
    for (const answer of answers.splice(0)) answer();
    expect(await pushing).toHaveLength(2);
    const refused = expectRefused([() => app.queue.pushMany(SlowJob, ['a', 'bad'])]);
    while (answers.length < 2) await new Promise(setImmediate);
    for (const answer of answers.splice(0)) answer();
    await refused;
  });

  test('fails the attempt, not the job, if the schema throws; at the push that is an error of the option', async () => {
    const id = await app.queue.push('ThrowingJob', 'x');
    expect(await app.run(id)).toMatchObject({ status: 'retrying', attempt: 1, error: 'the directory is away' });
    expect(await app.run(id)).toMatchObject({ status: 'failed', attempt: 2, error: 'the directory is away' });
    expect(seen).toEqual([]);
    const Throwing = defineJob('throwing', { schema: throwing });
    await expectRefused([() => app.queue.push(Throwing, 'x')], InvalidOptionError);
  });

  test('does not leave a check unheard if another job of the call is wrong', async () => {
    const rejections: unknown[] = [];
    const note = (reason: unknown): void => void rejections.push(reason);
    process.on('unhandledRejection', note);
    const pushing = app.queue.pushMany([jobSpec(SlowJob, 'bad'), jobSpec(MailJob, good, { priority: 5_000 })]);
    await expect(pushing).rejects.toThrow(InvalidOptionError);
    for (const answer of answers.splice(0)) answer();
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    process.off('unhandledRejection', note);
    expect(rejections).toEqual([]);
  });
});

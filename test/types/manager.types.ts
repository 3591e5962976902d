/** Type tests: this file is compiled by `npm run typecheck` and never run. */
import { duration, Job, jobSpec, QueueModule } from 'nestjs-job-queue';
import type {
  JobClass,
  JobContext,
  JobData,
  JobHandler,
  JobInterface,
  JobResult,
  QueueManager,
} from 'nestjs-job-queue';

interface Email {
  to: string;
}

declare class SendEmailJob implements JobHandler<Email, number> {
  constructor(mailer: { send(email: Email): void });
  handle(email: Email, job: JobContext): Promise<number>;
}
declare class DataOnlyJob {
  handle(data: number): void;
}
declare class NothingJob {
  handle(): void;
}
declare class OptionalJob {
  handle(data?: Email): void;
}
declare class UnionJob {
  handle(data: string | Email | undefined, job: JobContext): void;
}
declare class ResizeImageJob implements JobInterface<boolean> {
  private readonly images: object;
  constructor(path: string, width: number);
  handle(job: JobContext): Promise<boolean>;
  getMaxTries(): number;
  getRetryDelay(): number;
}
declare class BareCarrier implements JobInterface {
  constructor(path: string);
  handle(): void;
}

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function expectType<_T extends true>(): void {}

expectType<Equal<JobData<SendEmailJob>, Email>>();
expectType<Equal<JobData<DataOnlyJob>, number>>();
expectType<Equal<JobData<NothingJob>, unknown>>();
expectType<Equal<JobData<OptionalJob>, Email | undefined>>();
expectType<Equal<JobData<UnionJob>, string | Email | undefined>>();
expectType<Equal<JobData<ResizeImageJob>, never>>();
expectType<Equal<JobResult<SendEmailJob>, number>>();
expectType<Equal<JobResult<ResizeImageJob>, boolean>>();

export async function push(queue: QueueManager, anyClass: JobClass<JobHandler>): Promise<void> {
  const id: string = await queue.push(SendEmailJob, { to: 'ada' });
  await queue.push(SendEmailJob, { to: 'ada' }, 'bulk');
  await queue.push(SendEmailJob, { to: 'ada' }, { retention: { completed: '1h', failed: 0 } });
  await queue.push(new ResizeImageJob('a', 1), { retention: { failed: '2d' } });
  await queue.push('by-name', 5, { queue: 'emails', retention: {} });
  await queue.later(SendEmailJob, { to: 'ada' }, '1h', { retention: { completed: 0 } });
  await queue.pushMany(SendEmailJob, [{ to: 'ada' }], { retention: { completed: 60 } });
  await queue.pushMany([jobSpec(SendEmailJob, { to: 'ada' }, { retention: { failed: '1h' } })]);
  // @ts-expect-error how many are kept is an option of a queue
  await queue.push(SendEmailJob, { to: 'ada' }, { retention: { maxFailed: 5 } });
  // @ts-expect-error a time, or a duration
  await queue.push(SendEmailJob, { to: 'ada' }, { retention: '1h' });
  await queue.push(
    SendEmailJob,
    { to: 'ada' },
    { queue: 'bulk', delay: '5m', id, maxTries: 3, retryDelay: 5, timeout: '1s' },
  );
  await queue.push(SendEmailJob, { to: 'ada' }, { backoff: ['1s', '1m'] });
  // @ts-expect-error -- a function cannot be stored: `@Job()` takes it
  await queue.push(SendEmailJob, { to: 'ada' }, { backoff: () => 5 });
  // @ts-expect-error -- the data is of another type
  await queue.push(SendEmailJob, 42);
  // @ts-expect-error -- the data is missing
  await queue.push(SendEmailJob);
  // @ts-expect-error -- a property is missing
  await queue.push(SendEmailJob, {});
  // @ts-expect-error -- there is no such option
  await queue.push(SendEmailJob, { to: 'ada' }, { prioritee: 5 });
  await queue.push(SendEmailJob, { to: 'ada' }, { priority: 5 });
  // @ts-expect-error -- a class without handle is no job
  await queue.push(Date, 5);

  await queue.push(DataOnlyJob, 5);
  // @ts-expect-error -- the data is of another type
  await queue.push(DataOnlyJob, 'five');
  await queue.push(NothingJob);
  await queue.push(NothingJob, undefined, 'bulk');
  // @ts-expect-error -- handle() takes nothing
  await queue.push(NothingJob, { ignored: true });
  await queue.push(OptionalJob);
  await queue.push(OptionalJob, { to: 'ada' });
  // @ts-expect-error -- the data is of another type
  await queue.push(OptionalJob, 5);
  await queue.push(UnionJob);
  await queue.push(UnionJob, 'text');
  await queue.push(anyClass, { whatever: true });

  await queue.push(new ResizeImageJob('a.png', 640));
  await queue.push(new ResizeImageJob('a.png', 640), 'images');
  await queue.push(new ResizeImageJob('a.png', 640), { queue: 'images', delay: 5 });
  await queue.push(new BareCarrier('a'));
  // @ts-expect-error -- the class carries its data
  await queue.push(ResizeImageJob, { path: 'a.png' });
  // @ts-expect-error -- the class carries its data
  await queue.push(ResizeImageJob);
  // @ts-expect-error -- the class carries its data, and handle() takes nothing
  await queue.push(BareCarrier, { path: 'a.png' });
  await queue.push(ResizeImageJob as never, { path: 'a.png' }, 'images');
  await queue.push({} as never);
  await queue.push(SendEmailJob, {} as never);
  // @ts-expect-error -- an instance of a class that takes its data is no job
  await queue.push(new SendEmailJob({ send() {} }));
  // @ts-expect-error -- no job at all
  await queue.push({});
}

export async function later(queue: QueueManager): Promise<void> {
  await queue.later(SendEmailJob, { to: 'ada' }, 300);
  await queue.later(SendEmailJob, { to: 'ada' }, '5m', 'bulk');
  await queue.later(SendEmailJob, { to: 'ada' }, new Date(), { id: 'a' });
  await queue.later(NothingJob, undefined, 5);
  await queue.later(NothingJob, '5m');
  // @ts-expect-error -- handle() takes data
  await queue.later(DataOnlyJob, '5m');
  await queue.later(new ResizeImageJob('a.png', 640), 300);
  await queue.later(new ResizeImageJob('a.png', 640), 300, 'images');
  // @ts-expect-error -- the data is of another type
  await queue.later(SendEmailJob, 5, 300);
  // @ts-expect-error -- the delay is missing
  await queue.later(SendEmailJob, { to: 'ada' });
  // @ts-expect-error -- the delay is an argument already
  await queue.later(SendEmailJob, { to: 'ada' }, 5, { delay: 5 });
  // @ts-expect-error -- the delay is missing
  await queue.later(new ResizeImageJob('a.png', 640));
  // @ts-expect-error -- handle() takes nothing
  await queue.later(NothingJob, { ignored: true }, 5);
  // @ts-expect-error -- the class carries its data
  await queue.later(ResizeImageJob, { path: 'a.png' }, 5);
  await queue.later(SendEmailJob as never, 5);
}

export async function pushMany(queue: QueueManager): Promise<void> {
  const ids: string[] = await queue.pushMany(SendEmailJob, [{ to: 'ada' }]);
  await queue.pushMany(SendEmailJob, [{ to: 'ada' }], 'bulk');
  await queue.pushMany(SendEmailJob, [{ to: 'ada' }], { delay: ids.length });
  await queue.pushMany(NothingJob, [undefined, undefined]);
  await queue.pushMany([new ResizeImageJob('a.png', 640), new BareCarrier('a')], 'images');
  // @ts-expect-error -- the data is of another type
  await queue.pushMany(SendEmailJob, [42]);
  // @ts-expect-error -- the data is missing
  await queue.pushMany(SendEmailJob);
  // @ts-expect-error -- handle() takes nothing
  await queue.pushMany(NothingJob, [{ ignored: true }]);
  // @ts-expect-error -- the class carries its data
  await queue.pushMany(ResizeImageJob, [{ path: 'a.png' }]);
  await queue.pushMany([{} as never]);
  await queue.pushMany(SendEmailJob as never, []);
  // @ts-expect-error -- an id cannot be that of many jobs
  await queue.pushMany(SendEmailJob, [{ to: 'ada' }], { id: 'a' });
}

export async function pop(queue: QueueManager): Promise<void> {
  const job = await queue.pop<Email>('bulk');
  if (!job) return;
  const to: string = job.data.to;
  await job.fail(new Error(to));
  const other = await queue.pop();
  // @ts-expect-error -- the data of some job is unknown
  void other?.data.to;
  const status = await queue.getJobStatus(job.id);
  const at: Date | undefined = status?.updatedAt;
  // @ts-expect-error -- there is no such state
  await queue.updateJobStatus(job.id, 'lost', String(at));
  const yes: true = await queue.ping();
  await queue.ping({ timeout: '500ms' });
  // @ts-expect-error no such option
  await queue.ping({ deadline: 1 });
  await durations(queue, String(at));
  void yes;
}

async function durations(queue: QueueManager, text: string): Promise<void> {
  await queue.later(NothingJob, '1.5h');
  await queue.later(NothingJob, '30 Seconds');
  await queue.later(NothingJob, '100MS');
  await queue.later(NothingJob, '90');
  await queue.later(NothingJob, duration(text));
  // @ts-expect-error -- no such unit
  await queue.later(NothingJob, '5mn');
  // @ts-expect-error -- more than one unit
  await queue.later(NothingJob, '1h30m');
  // @ts-expect-error -- the compiler does not know the text
  await queue.later(NothingJob, text);
  // @ts-expect-error -- no such unit
  await queue.push(NothingJob, undefined, { delay: '5mn' });
  // @ts-expect-error -- no such unit
  Job({ retryDelay: '5mn' });
  // @ts-expect-error -- no such unit
  QueueModule.forRoot({ statusTtl: '5mn', worker: { lease: '5 m' } });
  await queue.push(new TextDelayJob());
}

class TextDelayJob implements JobInterface {
  handle(): void {}
  getRetryDelay() {
    return '5m';
  }
}

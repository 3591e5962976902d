/** Type tests: this file is compiled by `npm run typecheck` and never run. */
import { defineJob, jobSpec } from 'nestjs-job-queue';
import type { JobContext, JobHandler, JobInterface, QueueManager } from 'nestjs-job-queue';

interface Email {
  to: string;
}
interface Parcel {
  parcel: string;
}

declare class SendEmailJob implements JobHandler<Email, number> {
  handle(email: Email, job: JobContext): Promise<number>;
}
declare class NothingJob {
  handle(): void;
}
declare class OptionalJob {
  handle(data?: Email): boolean;
}
declare class ResizeImageJob implements JobInterface<boolean> {
  constructor(path: string);
  handle(job: JobContext): Promise<boolean>;
}
const Ship = defineJob<{ order: string }, Parcel>('ship');
const Nothing = defineJob('nothing');
declare const anyJob: any; // oxlint-disable-line typescript/no-explicit-any -- nothing is known of the job

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function expectType<_T extends true>(): void {}

export async function wait(queue: QueueManager, signal: AbortSignal): Promise<void> {
  const timeout = '10s';
  const sent = await queue.pushAndWait(SendEmailJob, { to: 'ada' }, { timeout, signal, queue: 'bulk', delay: 1 });
  expectType<Equal<typeof sent, number>>();
  const shipped = await queue.pushAndWait(Ship, { order: '1' }, { timeout: 5, id: 'a', keepResult: true });
  expectType<Equal<typeof shipped, Parcel>>();
  const resized = await queue.pushAndWait(new ResizeImageJob('a.png'), { timeout });
  expectType<Equal<typeof resized, boolean>>();
  const ofSpec = await queue.pushAndWait(jobSpec(Ship, { order: '1' }, { timeout: 60 }), { timeout });
  expectType<Equal<typeof ofSpec, Parcel>>();
  const byName = await queue.pushAndWait('ship', { order: '1' }, { timeout });
  expectType<Equal<typeof byName, unknown>>();
  await queue.pushAndWait(NothingJob, { timeout });
  await queue.pushAndWait(NothingJob, undefined, { timeout });
  await queue.pushAndWait(Nothing, { timeout });
  const optional = await queue.pushAndWait(OptionalJob, undefined, { timeout });
  expectType<Equal<typeof optional, boolean>>();
  await queue.pushAndWait(anyJob, 1, { timeout });

  // @ts-expect-error -- the timeout is required
  await queue.pushAndWait(SendEmailJob, { to: 'ada' });
  // @ts-expect-error -- the timeout is required
  await queue.pushAndWait(SendEmailJob, { to: 'ada' }, { queue: 'bulk' });
  // @ts-expect-error -- other data
  await queue.pushAndWait(SendEmailJob, 42, { timeout });
  // @ts-expect-error -- no data
  await queue.pushAndWait(Ship, { timeout });
  // @ts-expect-error -- a queue alone has no timeout
  await queue.pushAndWait(Ship, { order: '1' }, 'bulk');
  // @ts-expect-error -- no such option
  await queue.pushAndWait(Ship, { order: '1' }, { timeout, queues: 'bulk' });
  // @ts-expect-error -- no such unit
  await queue.pushAndWait(Ship, { order: '1' }, { timeout: '1 fortnight' });
  // @ts-expect-error -- the class carries its data: push an instance
  await queue.pushAndWait(ResizeImageJob, 'a.png', { timeout });

  const totals = await queue.waitFor<Parcel>('id', { timeout });
  expectType<Equal<typeof totals, Parcel>>();
  const untyped = await queue.waitFor('id', { timeout: 1, signal });
  expectType<Equal<typeof untyped, unknown>>();
  // @ts-expect-error -- the timeout is required
  await queue.waitFor('id');
  // @ts-expect-error -- the timeout is required
  await queue.waitFor('id', { signal });
  // @ts-expect-error -- an option of a push
  await queue.waitFor('id', { timeout, delay: 1 });
}

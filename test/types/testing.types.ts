/** Type tests: this file is compiled by `npm run typecheck` and never run. */
import { defineJob, Job } from 'nestjs-job-queue';
import type { JobContext, JobInterface } from 'nestjs-job-queue';
import { fakeQueue, fakeQueueOptions, jobContext } from 'nestjs-job-queue/testing';
import type { INestApplicationContext } from '@nestjs/common';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { z } from 'zod';

@Job()
class SendEmail {
  async handle(_email: { to: string }, _job: JobContext): Promise<number> {
    return 1;
  }
}
@Job()
class Resize implements JobInterface {
  constructor(readonly path: string) {}
  async handle(): Promise<void> {}
}
const Transfer = defineJob('transfer', { schema: z.object({ amount: z.string().transform(Number) }) });

declare const app: INestApplicationContext;
declare const builder: TestingModuleBuilder;

export async function use(): Promise<void> {
  const same: TestingModuleBuilder = fakeQueueOptions(builder, { default: 'q' });
  void same;
  const fake = fakeQueue(app);
  fake.assertPushed(SendEmail, ({ to }, job) => to === job.data.to);
  fake.assertPushed(Resize, ({ path }) => path === '');
  fake.assertPushed(Transfer, ({ amount }) => amount === '5');
  fake.assertPushed('by-name', (data) => data === 5);
  fake.assertDelayed(SendEmail, '5m');
  const to: string = fake.pushed(SendEmail)[0]!.data.to;
  const result: number = await fake.runJob(SendEmail, { to });
  void result;
  await fake.travel('5m');
  // @ts-expect-error -- no such unit
  await fake.travel('5 fortnights');
  // @ts-expect-error -- other data
  await fake.runJob(SendEmail, { path: '' });
  // @ts-expect-error -- other data
  fake.assertPushed(SendEmail, ({ path }) => path === '');
  const context: JobContext<{ to: string }> = jobContext({ data: { to: '' }, attempt: 2 });
  void context;
  // @ts-expect-error -- no such member
  jobContext({ attempts: 2 });
}

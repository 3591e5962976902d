/** Type tests: this file is compiled by `npm run typecheck` and never run. */
import { defineJob, Job, jobSpec } from 'nestjs-job-queue';
import type { ChunkItem, JobContext, JobDetails, JobHandlerOf, QueueAdmin, QueueManager } from 'nestjs-job-queue';

interface Email {
  to: string;
  tenant: string;
}

@Job({ queue: 'e', group: (email: Email) => email.tenant })
export class Annotated {
  async handle(_email: Email, job: JobContext): Promise<string | undefined> {
    return job.group;
  }
}
@Job<Email>({ group: (email) => (email.tenant === '' ? undefined : email.tenant) })
export class Given {
  async handle(_email: Email): Promise<void> {}
}
@Job({ group: 'imports' })
export class Fixed {
  async handle(): Promise<void> {}
}
// @ts-expect-error -- the group is made of other data
@Job<{ other: number }>({ group: (data) => String(data.other) })
export class Other {
  async handle(_email: Email): Promise<void> {}
}
// @ts-expect-error -- the group is made of other data
@Job({ group: (data: { other: number }) => String(data.other) })
export class OtherAnnotated {
  async handle(_email: Email): Promise<void> {}
}
// @ts-expect-error -- nothing says what the data is
@Job({ group: (email) => email.tenant })
export class Unknown {
  async handle(_email: Email): Promise<void> {}
}
@Job({ group: (job: Carrier) => job.path })
export class Carrier {
  constructor(readonly path: string) {}
  async handle(_job: JobContext): Promise<void> {}
}
@Job({ group: (email: Email) => email.tenant })
export class Arrow {
  handle = async (_email: Email): Promise<number> => 1;
}
@Job({ group: (email: Email) => email.tenant })
export class Wide {
  async handle(_email: { tenant: string }): Promise<void> {}
}
// @ts-expect-error -- the group is made of other data
@Job<{ other: number }>({ chunk: { size: 2 }, group: (data) => String(data.other) })
export class OtherChunk {
  handleChunk(_items: readonly ChunkItem<Email>[]): void {}
}
// @ts-expect-error -- no group
@Job({ group: 5 })
export class WrongGroup {
  async handle(): Promise<void> {}
}
// @ts-expect-error -- it makes no group
@Job({ group: (email: Email) => email.to.length })
export class WrongFunction {
  async handle(_email: Email): Promise<void> {}
}

const Send = defineJob<Email>('send', { group: ({ tenant }) => tenant });
// @ts-expect-error -- the data has no such property
defineJob<Email>('send', { group: ({ from }) => from });
@Job(Send)
export class Sender implements JobHandlerOf<typeof Send> {
  async handle(_email: Email): Promise<void> {}
}
// @ts-expect-error -- the definition gives it
@Job(Send, { group: 'acme' })
export class SenderWithGroup implements JobHandlerOf<typeof Send> {
  async handle(_email: Email): Promise<void> {}
}

export async function push(queue: QueueManager, admin: QueueAdmin, email: Email): Promise<void> {
  await queue.push(Send, email, { group: 'acme' });
  await queue.later(Send, email, '5m', { group: 'acme' });
  await queue.pushMany(Send, [email], { group: 'acme' });
  await queue.pushMany([jobSpec(Send, email, { group: 'acme' })]);
  await queue.pushAndWait(Send, email, { group: 'acme', timeout: '1m' });
  // @ts-expect-error -- a push gives the group itself
  await queue.push(Send, email, { group: () => 'acme' });
  const job = await queue.pop('e');
  job?.group satisfies string | undefined;
  const details = (await admin.job('a')) as JobDetails;
  details.group satisfies string | undefined;
  await admin.cancelAll('e', { group: 'acme' });
  const { ready, blocked } = await queue.counts();
  (ready + blocked) satisfies number;
}

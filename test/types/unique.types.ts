/** Type tests: this file is compiled by `npm run typecheck` and never run. */
import { defineJob, Job, jobSpec } from 'nestjs-job-queue';
import type { JobContext, JobHandlerOf, QueueManager, UniqueOptions } from 'nestjs-job-queue';

interface Email {
  to: string;
  tenant: string;
}

@Job({ queue: 'e', unique: true })
export class Plain {
  async handle(_email: Email): Promise<void> {}
}
@Job({ queue: 'e', unique: { key: (email: Email) => email.to, until: 'start', for: '5m' } })
export class Annotated {
  async handle(_email: Email, _job: JobContext): Promise<number> {
    return 1;
  }
}
@Job<Email>({ unique: { key: (email) => email.to } })
export class Given {
  async handle(_email: Email): Promise<void> {}
}
@Job({ unique: { key: 'one at a time' } })
export class Fixed {
  async handle(): Promise<void> {}
}
// @ts-expect-error -- the key is made of other data
@Job<{ other: number }>({ unique: { key: (data) => String(data.other) } })
export class Other {
  async handle(_email: Email): Promise<void> {}
}
// @ts-expect-error -- the key is made of other data
@Job({ unique: { key: (data: { other: number }) => String(data.other) } })
export class OtherAnnotated {
  async handle(_email: Email): Promise<void> {}
}
// @ts-expect-error -- nothing says what the data is
@Job({ unique: { key: (email) => email.to } })
export class Unknown {
  async handle(_email: Email): Promise<void> {}
}
@Job({ unique: { key: (job: Carrier) => job.path } })
export class Carrier {
  constructor(readonly path: string) {}
  async handle(_job: JobContext): Promise<void> {}
}
@Job({ unique: { key: (email: Email) => email.to } })
export class Arrow {
  handle = async (_email: Email): Promise<number> => 1;
}
@Job({ unique: { key: (email: Email) => email.to } })
export class Optional {
  async handle(_email?: Email): Promise<void> {}
}
@Job({ unique: { key: (email: Email) => email.tenant } })
export class Wide {
  async handle(_email: { tenant: string }): Promise<void> {}
}
// @ts-expect-error -- no such word
@Job({ unique: { until: 'stop' } })
export class WrongWord {
  async handle(): Promise<void> {}
}
// @ts-expect-error -- no key
@Job({ unique: { key: 5 } })
export class WrongKey {
  async handle(): Promise<void> {}
}

const Send = defineJob<Email>('send', { unique: { key: ({ to, tenant }) => `${tenant}/${to}` } });
// @ts-expect-error -- the data has no such property
defineJob<Email>('send', { unique: { key: ({ from }) => from } });
defineJob<Email>('send', { unique: true });
@Job(Send)
export class Sender implements JobHandlerOf<typeof Send> {
  async handle(_email: Email): Promise<void> {}
}

export const options: UniqueOptions<Email> = { key: ({ to }) => to };

export async function push(queue: QueueManager, email: Email): Promise<void> {
  await queue.push(Send, email, { unique: true });
  await queue.push(Plain, email, { unique: { key: 'ada', until: 'start', for: 60 } });
  await queue.push(Plain, email, { id: 'a', unique: true });
  await queue.later(Plain, email, '5m', { unique: { key: 'ada' } });
  await queue.pushMany(Plain, [email], { unique: true });
  await queue.pushMany([jobSpec(Plain, email, { unique: { key: 'ada' } })]);
  // @ts-expect-error -- a push gives the key itself
  await queue.push(Plain, email, { unique: { key: () => 'ada' } });
  // @ts-expect-error -- true, or options
  await queue.push(Plain, email, { unique: false });
  const { outcome } = await queue.dispatch(Send, email);
  outcome satisfies 'queued' | 'delayed' | 'duplicate' | 'replaced' | 'deferred';
}

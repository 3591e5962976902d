import { JobContext, JobControl } from '../job/job-context.js';

/** What a test gives of a context: any of its members. */
export type PartialJobContext<Data = unknown, Checkpoint = unknown> = {
  readonly [Member in keyof JobContext<Data, Checkpoint>]?: JobContext<Data, Checkpoint>[Member];
};

/**
 * Makes the context of a job for a test that calls `handle` by itself. It is a real `JobContext`: of the first of three attempts, with a
 * signal that is not aborted; `progress`, `log` and `checkpoint` store nothing.
 *
 * @param partial members in place of those, such as `{ attempt: 2, signal, release: jest.fn() }`
 */
export function jobContext<Data = unknown, Checkpoint = unknown>(
  partial: PartialJobContext<Data, Checkpoint> = {},
): JobContext<Data, Checkpoint> {
  return contextOf(new JobControl(partial.maxTries ?? 3), partial) as JobContext<Data, Checkpoint>;
}

/** Makes a context with a control of the caller. */
export function contextOf(control: JobControl, partial: PartialJobContext, data?: unknown): JobContext {
  const { id = 'job-1', name = 'Job', queue = 'default', attempt = 1, fence = 1, pushedAt = new Date(0) } = partial;
  const { metadata, tags, group } = partial;
  const job = { id, attempt, fence, pushedAt: pushedAt.getTime() };
  const record = { metadata, tags, options: { group } };
  const context = new JobContext({ name, queue, job, record }, control, data);
  for (const [member, value] of Object.entries(partial)) {
    if (value === undefined) continue;
    Object.defineProperty(context, member, { value, enumerable: true, configurable: true, writable: true });
  }
  return context;
}

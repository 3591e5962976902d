import { SPEC, type JobSpec } from './job-spec.interface.js';
import type { AnyJob, PushArguments, PushResult } from './push-arguments.js';

/**
 * Describes one job to push, for a list with options of their own for each job:
 *
 * ```ts
 * await queue.pushMany([jobSpec(SendEmail, email, { id: 'a' }), jobSpec(Resize, picture, { queue: 'images' }), new Report(1)]);
 * ```
 *
 * The job and its options are checked when the spec is pushed.
 *
 * @param job a job class, a definition, the name of a job, or an instance that carries its data
 * @param args the data, unless the job carries it; then the queue, or options of this push: they beat those of the call
 */
export function jobSpec<Job extends AnyJob>(job: Job, ...args: PushArguments<Job>): JobSpec<PushResult<Job>> {
  const isInstance =
    typeof job === 'object' && job !== null && typeof (job as { handle?: unknown }).handle === 'function';
  const [data, to] = isInstance ? [undefined, ...(args as unknown[])] : (args as unknown[]);
  return Object.freeze({ job, data, to, [SPEC]: true }) as JobSpec<PushResult<Job>>;
}

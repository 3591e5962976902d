import type { JobOptions } from '../job/job-options.js';
import { JOB_METADATA } from './job.metadata.js';

/**
 * Marks a class as a job: one whose data is pushed beside it, listed in a module's `providers`
 * ({@link JobHandler}), or one that carries its data, listed in `QueueModule.forFeature([...])`
 * ({@link JobInterface}).
 *
 * The options are checked when the application starts. `@Injectable({ scope })` may stand beside it.
 *
 * @param options the job's options, or just its name
 *
 * @example
 * ```ts
 * @Job({ queue: 'emails', maxTries: 5, retryDelay: '1m' })
 * export class SendEmailJob implements JobHandler<Email> { ... }
 * ```
 */
export function Job(options: JobOptions | string = {}): ClassDecorator {
  return (target) => Reflect.defineMetadata(JOB_METADATA, options, target);
}

import type { JobOptions } from '../job/job-options.js';
import { callPlace, rememberPlace } from './job-place.js';
import { JOB_METADATA } from './job.metadata.js';

/**
 * Marks a class as a job. There are two forms:
 *
 * - a handler ({@link JobHandler}) gets its data from the push; list it in the `providers` of a module;
 * - an instance ({@link JobInterface}) carries its data in its properties; list it in `QueueModule.forFeature([...])`.
 *
 * The application checks the options when it starts. `@Injectable({ scope })` is allowed beside it.
 *
 * A subclass with its own `@Job()` has the options of the class that it extends, except the name; its own options come first,
 * one by one. A subclass without `@Job()` is no job.
 *
 * @param options the options of the job, or only its name
 *
 * @example
 * ```ts
 * @Job({ queue: 'emails', maxTries: 5, retryDelay: '1m' })
 * export class SendEmailJob implements JobHandler<Email> { ... }
 * ```
 */
export function Job(options: JobOptions | string = {}): ClassDecorator {
  const place = callPlace(Job);
  return (target) => {
    Reflect.defineMetadata(JOB_METADATA, options, target);
    rememberPlace(target, place);
  };
}

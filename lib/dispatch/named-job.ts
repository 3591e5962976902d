import type { JobRegistry } from '../discovery/job.registry.js';
import { definedNames, findDefinition } from '../job/define-job.js';
import { isJobDefinition, type AnyJobDefinition } from '../job/job-definition.js';
import { isJobName } from '../job/job-record.js';
import { InvalidJobError, UnknownJobError } from '../queue.errors.js';
import { closest } from '../support/closest.js';
import type { PushedJob } from './pushed-job.interface.js';

/** A job that is pushed without its class: by its definition, or by its name. */
export type NamedJob = AnyJobDefinition | string;

export function isNamedJob(job: unknown): job is NamedJob {
  return typeof job === 'string' || isJobDefinition(job);
}

/**
 * Finds the name and the options of a job that is pushed without its class. The class of a definition need not be known in this
 * process. By a name, the options are those of the class or of the definition that this process knows.
 *
 * @param queue the queue that the push names
 * @throws UnknownJobError if the process knows nothing of a name, and the push names no queue
 * @throws NotInitializedError if Nest still makes the modules that may register the class
 * @throws InvalidJobError if the name cannot be stored, or several definitions have it
 */
export function findNamedJob(job: NamedJob, registry: JobRegistry, queue: string | undefined): PushedJob {
  if (typeof job !== 'string') return { name: job.name, options: job.options, takesData: true };
  if (!isJobName(job)) throw InvalidJobError.badPushedName(job);
  const found = registry.find(job);
  if (found) return found;
  const defined = findDefinition(job);
  if (defined) return findNamedJob(defined, registry, queue);
  if (queue !== undefined) return { name: job, options: {}, takesData: true };
  registry.assertComplete(job);
  throw UnknownJobError.pushed(job, closest(job, [...new Set([...registry.names(), ...definedNames()])]));
}

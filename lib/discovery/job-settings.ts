import { jobLineage, readJobMetadata } from '../decorators/job.metadata.js';
import { ATTEMPT_OPTIONS, readAttemptOptions } from '../job/attempt-options.reader.js';
import { isGeneratedName } from '../job/class-name.js';
import { isJobName } from '../job/job-record.js';
import type { JobClass } from '../job/job.interface.js';
import { isQueueName } from '../job/queue-name.js';
import { InvalidJobError, InvalidQueueNameError } from '../queue.errors.js';
import { OptionReader } from '../support/option-reader.js';
import type { RegisteredJobOptions } from './registered-job.interface.js';

/** The name and the options that `@Job()` gives a class, checked and complete. */
export interface JobSettings {
  readonly name: string;
  readonly options: RegisteredJobOptions;
}

const JOB_OPTIONS = ['name', 'queue', ...ATTEMPT_OPTIONS] as const;

/**
 * Reads and checks the options of `@Job()`. A subclass has the options of the classes that it extends, except their names; its
 * own options come first, one by one.
 *
 * @param moduleName the module of the class, for messages
 * @throws InvalidJobError if the name cannot be stored, or if no name is given and a tool seems to have made that of the class
 * @throws InvalidQueueNameError
 * @throws InvalidOptionError for any other option
 */
export function readJobSettings(jobClass: JobClass, moduleName: string): JobSettings {
  const given = readGiven(jobClass).raw('name');
  const name = given ?? jobClass.name;
  if (given === undefined && isGeneratedName(jobClass.name)) {
    throw InvalidJobError.generatedName(jobClass.name, moduleName);
  }
  if (!isJobName(name)) throw InvalidJobError.badName(name, jobClass.name);
  const options: RegisteredJobOptions = {};
  for (const type of jobLineage(jobClass)) Object.assign(options, readOwnOptions(type));
  return { name, options: Object.freeze(options) };
}

/** Reads the options that the `@Job()` of the class itself gives, without the name. */
function readOwnOptions(jobClass: JobClass): RegisteredJobOptions {
  const options = readGiven(jobClass);
  const own = { queue: readQueue(options, jobClass), ...readAttemptOptions(options) };
  return Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
}

function readGiven(jobClass: JobClass): OptionReader {
  const given = readJobMetadata(jobClass);
  const options = OptionReader.of(typeof given === 'string' ? { name: given } : given, `@Job() of ${jobClass.name}`);
  options.refuseOthers(JOB_OPTIONS);
  return options;
}

function readQueue(options: OptionReader, jobClass: JobClass): string | undefined {
  const queue = options.raw('queue');
  if (queue === undefined || isQueueName(queue)) return queue;
  throw new InvalidQueueNameError(queue, `job class ${jobClass.name}`);
}

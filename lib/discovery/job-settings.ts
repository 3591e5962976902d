import { definitionOf, jobLineage, readJobMetadata } from '../decorators/job.metadata.js';
import { isGeneratedName } from '../job/class-name.js';
import type { AnyJobDefinition } from '../job/job-definition.js';
import type { CheckedJobOptions } from '../job/job-options.js';
import { HANDLER_OPTIONS, JOB_OPTIONS, PUSH_SIDE_OPTIONS, readJobOptions } from '../job/job-options.reader.js';
import { isJobName } from '../job/job-record.js';
import { assertPayloadOptions } from '../job/payload-options.js';
import type { JobClass } from '../job/job.interface.js';
import { InvalidJobError, InvalidOptionError } from '../queue.errors.js';
import { OptionReader } from '../support/option-reader.js';
import type { RegisteredJobOptions } from './registered-job.interface.js';

/** The name and the options that `@Job()` gives a class, checked and complete. */
export interface JobSettings {
  readonly name: string;
  readonly options: RegisteredJobOptions;
  /** The definition that the class handles. */
  readonly definition?: AnyJobDefinition;
}

const OF_DEFINITION =
  'none beside a definition: defineJob() gives it, because a process that pushes may not know this class';

/**
 * Reads and checks the options of `@Job()`. A subclass has the options of the classes that it extends, except their names; its
 * own options come first, one by one. The definition of a class gives its name and its options; what `@Job()` gives beside it
 * comes first.
 *
 * @param moduleName the module of the class, for messages
 * @throws InvalidJobError if the name cannot be stored, or if no name is given and a tool seems to have made that of the class
 * @throws InvalidQueueNameError
 * @throws InvalidOptionError for any other option
 */
export function readJobSettings(jobClass: JobClass, moduleName: string): JobSettings {
  const definition = definitionOf(jobClass);
  const given = definition?.name ?? readGiven(jobClass).raw('name');
  const name = given ?? jobClass.name;
  if (given === undefined && isGeneratedName(jobClass.name)) {
    throw InvalidJobError.generatedName(jobClass.name, moduleName);
  }
  if (!isJobName(name)) throw InvalidJobError.badName(name, jobClass.name);
  const options: { -readonly [Name in keyof CheckedJobOptions]: CheckedJobOptions[Name] } = {};
  for (const type of jobLineage(jobClass)) {
    // A process that pushes by the definition does not know what the class inherits.
    if (definitionOf(type)) for (const option of PUSH_SIDE_OPTIONS) delete options[option];
    Object.assign(options, definitionOf(type)?.options, readJobOptions(readGiven(type), `job class ${type.name}`));
  }
  assertPayloadOptions(options, `@Job() of ${jobClass.name}`);
  return { name, options: Object.freeze(options), ...(definition && { definition }) };
}

function readGiven(jobClass: JobClass): OptionReader {
  const given = readJobMetadata(jobClass);
  const options = OptionReader.of(typeof given === 'string' ? { name: given } : given, `@Job() of ${jobClass.name}`);
  if (!definitionOf(jobClass)) {
    options.refuseOthers(JOB_OPTIONS);
    return options;
  }
  for (const option of ['name', ...PUSH_SIDE_OPTIONS]) {
    const value = options.raw(option);
    if (value !== undefined) throw new InvalidOptionError(options.at(option), OF_DEFINITION, value);
  }
  options.refuseOthers(HANDLER_OPTIONS);
  return options;
}

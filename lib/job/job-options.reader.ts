import { InvalidOptionError, InvalidQueueNameError } from '../queue.errors.js';
import type { OptionReader } from '../support/option-reader.js';
import {
  ATTEMPT_OPTIONS,
  expiresInCheck,
  keepResultCheck,
  readOwnAttemptOptions,
  retryForCheck,
} from './attempt-options.reader.js';
import { readChunk } from './chunk-options.js';
import type { CheckedJobOptions } from './job-options.js';
import { readJobRetention } from './job-retention.reader.js';
import { readJobMiddleware } from './middleware-option.reader.js';
import { readDebounce, type CheckedDebounce } from './debounce-options.js';
import { readPayloadOptions } from './payload-options.js';
import { priorityCheck } from './priority.js';
import { isQueueName } from './queue-name.js';
import { ownKeyCheck, readUnique } from './unique-options.js';

/** The options that a push reads. A class of a definition has them from the definition alone: the process that pushes may not know the class. */
export const PUSH_SIDE_OPTIONS = [
  'queue',
  'keepResult',
  'retention',
  'expiresIn',
  'retryFor',
  'priority',
  'group',
  'unique',
  'debounce',
  'schema',
  'validate',
  'version',
] as const;
/** The options that a worker reads: those that a class may give beside its definition. */
export const HANDLER_OPTIONS = [...ATTEMPT_OPTIONS, 'chunk', 'upgrade', 'middleware'] as const;
/** The options of `defineJob()`: what has dependencies belongs to the class. */
export const DEFINITION_OPTIONS = [...PUSH_SIDE_OPTIONS, ...ATTEMPT_OPTIONS, 'chunk', 'upgrade'] as const;
/** The options of `@Job()`. */
export const JOB_OPTIONS = ['name', ...PUSH_SIDE_OPTIONS, ...HANDLER_OPTIONS] as const;

/**
 * Reads the options of a job, without the name; those that are not given are missing.
 *
 * @param where the owner of the options, for messages
 * @throws InvalidQueueNameError, InvalidOptionError
 */
export function readJobOptions(options: OptionReader, where: string): CheckedJobOptions {
  const keepResult = options.get('keepResult', keepResultCheck);
  const retention = readJobRetention(options);
  const expiresIn = options.get('expiresIn', expiresInCheck);
  const retryFor = options.get('retryFor', retryForCheck);
  const priority = options.get('priority', priorityCheck);
  const group = options.get('group', ownKeyCheck);
  const queue = readQueue(options, where);
  const unique = readUnique(options);
  const debounce = readDebounce(options);
  if (debounce) assertWhole(options, debounce);
  const read = {
    queue,
    keepResult,
    retention,
    expiresIn,
    retryFor,
    priority,
    group,
    unique,
    debounce,
    ...readOwnAttemptOptions(options),
    chunk: readChunk(options),
    ...readPayloadOptions(options),
    middleware: readJobMiddleware(options),
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}

function readQueue(options: OptionReader, where: string): string | undefined {
  const queue = options.raw('queue');
  if (queue === undefined || isQueueName(queue)) return queue;
  throw new InvalidQueueNameError(queue, where);
}

function assertWhole(options: OptionReader, { key, wait }: CheckedDebounce): void {
  if (options.raw('unique') !== undefined) {
    throw new InvalidOptionError(options.at('unique'), 'none beside "debounce"', options.raw('unique'));
  }
  for (const [name, value] of Object.entries({ key, wait })) {
    if (value === undefined) throw new InvalidOptionError(options.at(`debounce.${name}`), `a ${name}`, undefined);
  }
}

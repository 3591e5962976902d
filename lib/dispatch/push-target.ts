import {
  ATTEMPT_OPTIONS,
  expiresInCheck,
  keepResultCheck,
  readAttemptOptions,
  retryForCheck,
} from '../job/attempt-options.reader.js';
import { assertJobId } from '../job/job-id.js';
import { LABELS, metadataCheck, tagsCheck, type JobLabels } from '../job/job-labels.js';
import type { PushOptions } from '../job/job-options.js';
import { readJobRetention } from '../job/job-retention.reader.js';
import type { RecordOptions } from '../job/job-record.js';
import { readDebounce, type CheckedDebounce } from '../job/debounce-options.js';
import { priorityCheck } from '../job/priority.js';
import { keyCheck, readUnique, type CheckedUnique } from '../job/unique-options.js';
import { assertQueueName } from '../job/queue-name.js';
import { InvalidOptionError } from '../queue.errors.js';
import { OptionReader } from '../support/option-reader.js';
import { readDelay } from '../job/delay.js';

/** The queue and the options of a push. */
export interface PushTarget extends JobLabels {
  readonly queue?: string;
  /** Seconds. */
  readonly delay: number;
  readonly id?: string;
  /** True if the push may take the id of a job that has ended. */
  readonly replacesEnded?: boolean;
  readonly options: RecordOptions;
  readonly priority?: number;
  readonly group?: string;
  readonly unique?: CheckedUnique;
  readonly debounce?: CheckedDebounce;
  /** The option that a debounced job does not take, if it is given. */
  readonly undebounced?: 'id' | 'delay' | 'unique';
}

/** An option that a call does not take. */
export interface RefusedOption {
  readonly option: keyof PushOptions;
  readonly why: string;
}

const PUSH_OPTIONS = [
  'queue',
  'delay',
  'id',
  'unique',
  'debounce',
  'expiresIn',
  'retryFor',
  'keepResult',
  'retention',
  'priority',
  'group',
  ...ATTEMPT_OPTIONS,
  ...LABELS,
] as const satisfies readonly (keyof PushOptions)[];
/** The target of a push without a last argument. */
export const PLAIN_TARGET: PushTarget = Object.freeze({ delay: 0, options: Object.freeze({}) });

/**
 * Reads the last argument of a push: the name of a queue, or options.
 *
 * @param now milliseconds since the epoch
 * @param refused an option that this call does not take, and the reason
 * @param path the name of the options in messages
 * @throws InvalidQueueNameError, InvalidJobIdError, InvalidDelayError, InvalidOptionError
 */
export function readTarget(to: unknown, now: number, refused?: RefusedOption, path = 'push options'): PushTarget {
  if (to === undefined) return PLAIN_TARGET;
  if (typeof to === 'string') {
    assertQueueName(to);
    return { ...PLAIN_TARGET, queue: to };
  }
  const options = OptionReader.of(to, path);
  options.refuseOthers(PUSH_OPTIONS);
  if (refused && options.raw(refused.option) !== undefined) {
    throw new InvalidOptionError(options.at(refused.option), refused.why, options.raw(refused.option));
  }
  const queue = options.raw('queue');
  if (queue !== undefined) assertQueueName(queue);
  const id = options.raw('id');
  if (id !== undefined) assertJobId(id);
  // Beside an id that alone makes the job unique, its class does not.
  const replacesEnded = (id !== undefined && options.raw('unique') === true) || undefined;
  return {
    queue,
    id,
    replacesEnded,
    delay: readDelay(options.raw('delay') ?? 0, now),
    options: {
      ...readAttemptOptions(options),
      expiresIn: options.get('expiresIn', expiresInCheck),
      retryFor: options.get('retryFor', retryForCheck),
      keepResult: options.get('keepResult', keepResultCheck),
      retention: readJobRetention(options),
    },
    priority: options.get('priority', priorityCheck),
    group: options.get('group', keyCheck),
    metadata: options.get('metadata', metadataCheck),
    tags: options.get('tags', tagsCheck),
    unique: replacesEnded ? undefined : readUnique(options, true),
    debounce: readDebounce(options, true),
    undebounced: (['id', 'delay', 'unique'] as const).find((option) => options.raw(option) !== undefined),
  };
}

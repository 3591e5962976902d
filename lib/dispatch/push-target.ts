import {
  ATTEMPT_OPTIONS,
  expiresInCheck,
  keepResultCheck,
  readAttemptOptions,
  retryForCheck,
} from '../job/attempt-options.reader.js';
import { assertJobId } from '../job/job-id.js';
import { metadataCheck, tagsCheck, type JobLabels } from '../job/job-labels.js';
import type { PushOptions } from '../job/job-options.js';
import { readJobRetention } from '../job/job-retention.reader.js';
import type { RecordOptions } from '../job/job-record.js';
import { readDebounce, type CheckedDebounce } from '../job/debounce-options.js';
import { priorityCheck } from '../job/priority.js';
import { keyCheck, readUnique, type CheckedUnique } from '../job/unique-options.js';
import { assertQueueName } from '../job/queue-name.js';
import { InvalidOptionError } from '../queue.errors.js';
import { boolean } from '../support/checks.js';
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
  /** Whether it waits for the commit of a transaction. */
  readonly afterCommit?: boolean;
  /** True if its data was checked by the schema of the job. */
  readonly isChecked?: boolean;
  /** The option that a debounced job does not take, if it is given. */
  readonly undebounced?: 'id' | 'delay' | 'unique';
}

/** An option that a call does not take. */
export interface RefusedOption {
  readonly option: keyof PushOptions;
  readonly why: string;
}

const NO_OPTIONS: RecordOptions = Object.freeze({});

/** A target whose options are read one after the other. */
type Draft = { -readonly [Field in keyof PushTarget]: PushTarget[Field] };

/** Reads an option that is given, and puts it into the target. */
type ReadOption = (target: Draft, options: OptionReader, now: number) => void;

/** The options that are stored in the record of the job are read together. */
const readRecordOptions: ReadOption = (target, options) => {
  if (target.options !== NO_OPTIONS) return;
  target.options = {
    ...readAttemptOptions(options),
    expiresIn: options.get('expiresIn', expiresInCheck),
    retryFor: options.get('retryFor', retryForCheck),
    keepResult: options.get('keepResult', keepResultCheck),
    retention: readJobRetention(options),
  };
};

/** Most pushes give few options, or none: only those that are given are read. */
const READERS: ReadonlyMap<string, ReadOption> = new Map<keyof PushOptions, ReadOption>([
  ['queue', (target, options) => (target.queue = readQueue(options.raw('queue')))],
  ['delay', (target, options, now) => (target.delay = readDelay(options.raw('delay'), now))],
  ['id', (target, options) => (target.id = readId(options.raw('id')))],
  ['unique', (target, options) => (target.unique = readUnique(options, true))],
  ['debounce', (target, options) => (target.debounce = readDebounce(options, true))],
  ['expiresIn', readRecordOptions],
  ['retryFor', readRecordOptions],
  ['keepResult', readRecordOptions],
  ['retention', readRecordOptions],
  ['priority', (target, options) => (target.priority = options.get('priority', priorityCheck))],
  ['group', (target, options) => (target.group = options.get('group', keyCheck))],
  ...ATTEMPT_OPTIONS.map((name) => [name, readRecordOptions] as const),
  ['metadata', (target, options) => (target.metadata = options.get('metadata', metadataCheck))],
  ['tags', (target, options) => (target.tags = options.get('tags', tagsCheck))],
  ['afterCommit', (target, options) => (target.afterCommit = options.get('afterCommit', boolean))],
]);
const PUSH_OPTIONS = [...READERS.keys()];

/** The target of a push without a last argument. */
export const PLAIN_TARGET: PushTarget = Object.freeze({ delay: 0, options: NO_OPTIONS });

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
  if (typeof to === 'string') return { ...PLAIN_TARGET, queue: readQueue(to) };
  const options = OptionReader.of(to, path);
  const given = options.givenOf(PUSH_OPTIONS);
  if (refused && given.includes(refused.option)) {
    throw new InvalidOptionError(options.at(refused.option), refused.why, options.raw(refused.option));
  }
  // With all its fields from the start, each target has the same shape.
  const target: Draft = {
    queue: undefined,
    id: undefined,
    replacesEnded: undefined,
    delay: 0,
    options: NO_OPTIONS,
    priority: undefined,
    group: undefined,
    metadata: undefined,
    tags: undefined,
    unique: undefined,
    debounce: undefined,
    undebounced: undefined,
    afterCommit: undefined,
    isChecked: undefined,
  };
  for (const name of given) READERS.get(name)!(target, options, now);
  if (target.id !== undefined && options.raw('unique') === true) {
    // Beside an id that alone makes the job unique, its class does not.
    target.replacesEnded = true;
    target.unique = undefined;
  }
  target.undebounced = UNDEBOUNCED.find((option) => given.includes(option));
  return target;
}

/** The options that a debounced job does not take. */
const UNDEBOUNCED = ['id', 'delay', 'unique'] as const;

function readQueue(queue: unknown): string {
  assertQueueName(queue);
  return queue;
}

function readId(id: unknown): string {
  assertJobId(id);
  return id;
}

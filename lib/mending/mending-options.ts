import { assertQueueName } from '../job/queue-name.js';
import { JOB_STATES, type JobState } from '../job/job-status.js';
import { duration, integer, text, type Check } from '../support/checks.js';
import type { Duration } from '../support/duration.js';
import { OptionReader } from '../support/option-reader.js';
import type { FailedFilter } from './failed-jobs.js';

/** Which failed jobs `retryAll` puts back, and where. */
export interface RetryAllOptions {
  /** Those of this job name. Default: of every name. */
  readonly name?: string;
  /** Those with this tag. */
  readonly tag?: string;
  /** Those that failed at this time or later. */
  readonly since?: Date;
  /** Those that failed before this time. */
  readonly until?: Date;
  /** At most so many, those that failed first. Default: all. */
  readonly limit?: number;
  /** The queue that gets the jobs. Default: their own. */
  readonly to?: string;
}

/** Which failed jobs `flush` removes. */
export interface FlushOptions {
  /** Those that failed so long ago, or longer. Default: all. */
  readonly olderThan?: Duration;
  /** Those of this job name. Default: of every name. */
  readonly name?: string;
}

/** Which jobs `clear` removes. */
export interface ClearOptions {
  /** Those in these states; any but `processing`. Default: those that wait, `queued`, `delayed` and `retrying`. */
  readonly states?: JobState | readonly JobState[];
}

const RETRY_OPTIONS = [
  'name',
  'tag',
  'since',
  'until',
  'limit',
  'to',
] as const satisfies readonly (keyof RetryAllOptions)[];
const FLUSH_OPTIONS = ['olderThan', 'name'] as const satisfies readonly (keyof FlushOptions)[];

const CLEAR_OPTIONS = ['states'] as const satisfies readonly (keyof ClearOptions)[];
/** The states of jobs that no worker has. */
const AT_REST = JOB_STATES.filter((state) => state !== 'processing');

const states: Check<readonly JobState[]> = {
  expected: `one of ${AT_REST.join(', ')}, or a list of them that is not empty`,
  read(value) {
    const given: readonly unknown[] = Array.isArray(value) ? value : [value];
    const areStates = given.length > 0 && given.every((state) => (AT_REST as unknown[]).includes(state));
    return areStates ? (given as JobState[]) : undefined;
  },
};

const date: Check<number> = {
  expected: 'a valid Date',
  read: (value) => (value instanceof Date && Number.isFinite(value.getTime()) ? value.getTime() : undefined),
};

/** How `retryAll` puts jobs back. */
export interface RetryAll {
  readonly filter: FailedFilter;
  readonly limit: number;
  /** The queue that gets them; `undefined` for their own. */
  readonly to: string | undefined;
}

/** @throws InvalidOptionError, InvalidQueueNameError */
export function readRetryAll(options: RetryAllOptions): RetryAll {
  const given = OptionReader.of(options, 'retryAll');
  given.refuseOthers(RETRY_OPTIONS);
  const filter = {
    name: given.get('name', text),
    tag: given.get('tag', text),
    since: given.get('since', date),
    until: given.get('until', date),
  };
  const limit = given.get('limit', integer(1)) ?? Infinity;
  const { to } = options;
  if (to !== undefined) assertQueueName(to);
  return { filter, limit, to };
}

/** @throws InvalidOptionError */
export function readFlush(options: FlushOptions): FailedFilter {
  const given = OptionReader.of(options, 'flush');
  given.refuseOthers(FLUSH_OPTIONS);
  const age = given.get('olderThan', duration());
  return { name: given.get('name', text), age: age === undefined ? undefined : age * 1000 };
}

/** @throws InvalidOptionError */
export function readClear(options: ClearOptions): readonly JobState[] | undefined {
  const given = OptionReader.of(options, 'clear');
  given.refuseOthers(CLEAR_OPTIONS);
  return given.get('states', states);
}

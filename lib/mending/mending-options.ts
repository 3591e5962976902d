import { duration, integer, text, type Check } from '../support/checks.js';
import type { Duration } from '../support/duration.js';
import { OptionReader } from '../support/option-reader.js';
import type { FailedFilter } from './failed-jobs.js';

/** Which failed jobs `retryAll` puts back. */
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
}

/** Which failed jobs `flush` removes. */
export interface FlushOptions {
  /** Those that failed so long ago, or longer. Default: all. */
  readonly olderThan?: Duration;
  /** Those of this job name. Default: of every name. */
  readonly name?: string;
}

const RETRY_OPTIONS = ['name', 'tag', 'since', 'until', 'limit'] as const satisfies readonly (keyof RetryAllOptions)[];
const FLUSH_OPTIONS = ['olderThan', 'name'] as const satisfies readonly (keyof FlushOptions)[];

const date: Check<number> = {
  expected: 'a valid Date',
  read: (value) => (value instanceof Date && Number.isFinite(value.getTime()) ? value.getTime() : undefined),
};

/** @throws InvalidOptionError */
export function readRetryAll(options: RetryAllOptions): { readonly filter: FailedFilter; readonly limit: number } {
  const given = OptionReader.of(options, 'retryAll');
  given.refuseOthers(RETRY_OPTIONS);
  const filter = {
    name: given.get('name', text),
    tag: given.get('tag', text),
    since: given.get('since', date),
    until: given.get('until', date),
  };
  return { filter, limit: given.get('limit', integer(1)) ?? Infinity };
}

/** @throws InvalidOptionError */
export function readFlush(options: FlushOptions): FailedFilter {
  const given = OptionReader.of(options, 'flush');
  given.refuseOthers(FLUSH_OPTIONS);
  const age = given.get('olderThan', duration());
  return { name: given.get('name', text), age: age === undefined ? undefined : age * 1000 };
}

import type { ListFilter } from '../drivers/queue-lists.interface.js';
import { isEnd, isListedState, LISTED_STATES, type ListedState } from '../job/job-status.js';
import { InvalidOptionError } from '../queue.errors.js';
import { integer, oneOf, text } from '../support/checks.js';
import { OptionReader } from '../support/option-reader.js';
import { MAX_OFFSET } from './list-cursor.js';

/** Which jobs a page has. */
export interface JobListOptions {
  /** How many jobs to leave out first, at most 10,000; not beside a cursor. Default: 0. */
  readonly offset?: number;
  /** The most jobs, from 1 to 500. Default: 50. */
  readonly limit?: number;
  /** The `cursor` of the last page. */
  readonly cursor?: string;
  /** Default: newest for ended jobs, oldest for the others. */
  readonly order?: 'oldest' | 'newest';
  /** Those of this job name. */
  readonly name?: string;
  /** Those with this tag. */
  readonly tag?: string;
  /** Those whose id or record (name, options and data as they are stored) contains this text, to the letter. */
  readonly search?: string;
}

/** Checked options. */
export interface ListRequestOptions {
  readonly states: readonly ListedState[];
  readonly order: 'oldest' | 'newest';
  readonly limit: number;
  readonly offset: number;
  readonly cursor: string | undefined;
  readonly filter: ListFilter;
}

const OPTIONS = [
  'offset',
  'limit',
  'cursor',
  'order',
  'name',
  'tag',
  'search',
] as const satisfies readonly (keyof JobListOptions)[];
const DEFAULT_LIMIT = 50;
const limit = integer(1, 500);
const offset = integer(0, MAX_OFFSET);
const order = oneOf('oldest', 'newest');

/** @throws InvalidOptionError */
export function readListOptions(state: unknown, options: JobListOptions): ListRequestOptions {
  const states = readStates(state);
  const given = OptionReader.of(options, 'jobs');
  given.refuseOthers(OPTIONS);
  const cursor = given.get('cursor', text);
  const toLeaveOut = given.get('offset', offset) ?? 0;
  if (cursor !== undefined && toLeaveOut > 0) {
    throw new InvalidOptionError('jobs.offset', 'no offset beside a cursor', toLeaveOut);
  }
  return {
    states,
    order: given.get('order', order) ?? (states.every(isEnd) ? 'newest' : 'oldest'),
    limit: given.get('limit', limit) ?? DEFAULT_LIMIT,
    offset: toLeaveOut,
    cursor,
    filter: { name: given.get('name', text), tag: given.get('tag', text), search: given.get('search', text) },
  };
}

function readStates(state: unknown): ListedState[] {
  const states: readonly unknown[] = Array.isArray(state) ? state : [state];
  if (states.length > 0 && states.every(isListedState)) return [...new Set(states)];
  throw new InvalidOptionError('state', `one of ${LISTED_STATES.join(', ')}, or a list of them`, state);
}

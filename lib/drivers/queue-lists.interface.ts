import type { ListedState } from '../job/job-status.js';
import type { StartLimits } from './queue-limits.interface.js';
import type { StoredFailure } from './queue-retention.interface.js';

/** The places where jobs are listed, each of them in an order of its own. A list of several places goes through them in this order. */
export const LIST_PLACES = [
  'claimed',
  'recovered',
  'prioritized',
  'ready',
  'grouped',
  'delayed',
  'failed',
  'ended',
] as const;

/**
 * One of {@link LIST_PLACES}, and the order in it:
 *
 * - `claimed`: by claim;
 * - `recovered`, `ready`: by turn;
 * - `prioritized` (ready jobs without a group, with a priority other than 0): the highest one first, and by turn;
 * - `grouped` (ready jobs with a group, blocked ones too): group by group, the groups in any order, each by the turns of its jobs;
 * - `delayed`: by the time when a job is due;
 * - `failed`, `ended` (completed or cancelled): by the end.
 */
export type ListPlace = (typeof LIST_PLACES)[number];

/** The places where jobs of a state are. */
export const PLACES_OF_STATE: Readonly<Record<ListedState, readonly ListPlace[]>> = {
  queued: ['prioritized', 'ready', 'grouped'],
  delayed: ['delayed'],
  processing: ['claimed'],
  retrying: ['recovered', 'prioritized', 'ready', 'grouped', 'delayed'],
  completed: ['ended'],
  failed: ['failed'],
  cancelled: ['ended'],
  blocked: ['recovered', 'prioritized', 'ready', 'grouped'],
};

/**
 * The lists of jobs, as a storage reads them while jobs move. Nothing is changed.
 *
 * A job that waits is `blocked` while it is ready and its group or its queue is at a limit, or is held back: as `QueueCounts` counts it. Else
 * it is `retrying` once it had an attempt or lost its worker; else it is `queued` or `delayed`.
 */
export interface QueueLists {
  /** Reads jobs of one place, from the cursor on: a bounded number of them, so that a page may be empty although there are more. */
  page(queue: string, request: ListRequest): Promise<ListPage>;

  /** Counts the jobs in these states; `undefined` if that would take long. */
  total(queue: string, states: readonly ListedState[]): Promise<number | undefined>;

  /** Reads a job, live or kept, in one of the queues, with its log; `null` if none of them has it. */
  find(id: string, queues: readonly string[]): Promise<StoredJob | null>;

  /** Counts the consumers of a queue whose lease has not run out. */
  consumers(queue: string): Promise<number>;

  /** Reads in one operation how a queue is, for callers that look at many queues again and again. */
  overview(queue: string): Promise<QueueOverview>;
}

/** How a queue is. The first five are those of `QueueCounts`. */
export interface QueueOverview {
  readonly ready: number;
  readonly blocked: number;
  readonly delayed: number;
  readonly reserved: number;
  readonly failed: number;
  /** How many completed and cancelled jobs are kept. */
  readonly ended: number;
  readonly isPaused: boolean;
  /** Until when the queue is held back, in milliseconds; `null` if it is not. */
  readonly heldUntil: number | null;
  /** Those of the queue that count now, without those of its groups. */
  readonly limits: Pick<StartLimits, 'concurrency' | 'rateLimit'>;
  /** When it was read, on the clock of the storage, in milliseconds. */
  readonly now: number;
}

export interface ListRequest {
  readonly place: ListPlace;
  /** The jobs in other states are left out. */
  readonly states: readonly ListedState[];
  readonly order: 'oldest' | 'newest';
  /** The most jobs. */
  readonly limit: number;
  /** The number of matching jobs to leave out first. */
  readonly skip: number;
  /** Where the last page ended; one that the storage cannot read is an `InvalidOptionError`. Default: the beginning. */
  readonly cursor?: ListCursor;
  readonly filter: ListFilter;
}

/** Which jobs are listed. */
export interface ListFilter {
  readonly name?: string;
  readonly tag?: string;
  /** A part of the id, or of the record. */
  readonly search?: string;
}

/** A position in a place; only the storage reads it. */
export type ListCursor = readonly string[];

export interface ListPage {
  readonly jobs: readonly StoredJob[];
  /** How many of the jobs to leave out were left out. */
  readonly skipped: number;
  /** For the next page; missing after the last one. */
  readonly cursor?: ListCursor;
}

/** A job as it is stored. Times are milliseconds on the clock of the storage. */
export interface StoredJob {
  readonly id: string;
  readonly queue: string;
  readonly state: ListedState;
  /** Its record. */
  readonly body: string;
  readonly pushedAt: number;
  /** The number of the attempt that runs, or ran last; 0 before the first one. */
  readonly attempt: number;
  /** When a delayed job is due. */
  readonly availableAt?: number;
  /** When its last attempt was claimed. */
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** The consumer that holds it. */
  readonly consumer?: string;
  readonly error?: string;
  /** The newest one first. */
  readonly failures: readonly StoredFailure[];
  /** JSON text. */
  readonly progress?: string;
  /** See `KeptResult`. */
  readonly result?: string;
  /** The last lines of its log, the oldest one first; only of a job that is read alone, and if it has any. */
  readonly logs?: readonly string[];
}

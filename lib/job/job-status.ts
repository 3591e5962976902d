/**
 * The states of a job.
 *
 * `queued | delayed -> processing -> completed | retrying -> ... -> failed`; a job that is released or requeued is `queued` or
 * `delayed` again. `completed`, `failed` and `cancelled` are ends: such a job never runs again.
 */
export const JOB_STATES = ['queued', 'delayed', 'processing', 'completed', 'retrying', 'failed', 'cancelled'] as const;

/** One of {@link JOB_STATES}. */
export type JobState = (typeof JOB_STATES)[number];

/**
 * The states in which jobs are listed: {@link JOB_STATES}, and `blocked`: a ready job whose group or queue is at a limit, or is held
 * back. Its status is `queued`, or `retrying` once it had an attempt.
 */
export const LISTED_STATES = [...JOB_STATES, 'blocked'] as const;

/** One of {@link LISTED_STATES}. */
export type ListedState = (typeof LISTED_STATES)[number];

/** The status of a job. It never contains the job's data. */
export interface JobStatus {
  readonly id: string;
  readonly status: JobState;
  readonly queue: string;
  /** When the status was last written, on the storage's clock; to the second. */
  readonly updatedAt: Date;
  /** The number of the last attempt, from 1; 0 before the first one. */
  readonly attempt: number;
  /** The message of the last failed attempt, cut to 1,000 characters. */
  readonly error?: string;
  /** What `job.progress()` told last; missing if nothing was told. */
  readonly progress?: unknown;
  /** What `handle` returned, if the job has `keepResult`; missing for `undefined`. */
  readonly result?: unknown;
}

/** The error in the status of a job that waits because its worker was lost. */
export const WORKER_LOST = 'The worker that ran this job was lost';

/** The error in the status of a job that was not started in time. */
export const EXPIRED = 'expired';

const ENDS: ReadonlySet<ListedState> = new Set(['completed', 'failed', 'cancelled']);

/** Tells whether this state is an end. */
export function isEnd(state: ListedState): boolean {
  return ENDS.has(state);
}

/** Tells whether a value is one of {@link LISTED_STATES}. */
export function isListedState(value: unknown): value is ListedState {
  return (LISTED_STATES as readonly unknown[]).includes(value);
}

/** Tells whether a value is one of {@link JOB_STATES}. */
export function isJobState(value: unknown): value is JobState {
  return (JOB_STATES as readonly unknown[]).includes(value);
}

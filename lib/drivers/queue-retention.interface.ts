/** How long a storage keeps the ended jobs of a queue, and how many of them. */
export interface QueueRetention {
  /** How long the status of a completed job is kept, in seconds; 0 keeps none, and no record. */
  readonly completed: number;
  /** How long a failed job is kept with its record, its failures and its status, in seconds; 0 keeps nothing. */
  readonly failed: number;
  /** The most completed jobs of the queue that are kept with their records. */
  readonly maxCompleted: number;
  /** The most failed jobs of the queue that are kept; beyond it the oldest one is removed with its status. */
  readonly maxFailed: number;
}

/** Returns the retention of a queue. */
export type RetentionOf = (queue: string) => QueueRetention;

export const MAX_COMPLETED = 100;
export const MAX_FAILED = 10_000;

/** Makes the retention of queues whose ended jobs are all kept for the same time. @param seconds 0 to keep none */
export function keepFor(seconds: number): RetentionOf {
  const retention = { completed: seconds, failed: seconds, maxCompleted: MAX_COMPLETED, maxFailed: MAX_FAILED };
  return () => retention;
}

/** What a settlement tells about a failed attempt, beside its error. */
export interface FailureDetails {
  /** How long the attempt took, in milliseconds. */
  readonly took: number;
  /** The process that ran it, without white space: `host:pid`. */
  readonly worker: string;
  readonly stack?: string;
  /** The name of the error; missing for `Error`. */
  readonly name?: string;
}

/** A failed attempt, as it is kept. Times are milliseconds on the clock of the storage. */
export interface StoredFailure {
  readonly attempt: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly error: string;
  readonly stack?: string;
  /** The name of the error; missing for `Error`, and if it is not known. */
  readonly name?: string;
  /** The process that ran it (`host:pid`); of a worker that was lost, its consumer. `-` if that is not known. */
  readonly worker: string;
}

/** The most failures of a job that are kept; beyond it the oldest one is forgotten. */
export const MAX_FAILURES = 10;

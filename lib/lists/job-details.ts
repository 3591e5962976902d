import type { RecordOptions } from '../job/job-record.js';
import type { ListedState } from '../job/job-status.js';

/** All that is stored of a job. Times are those of the storage's clock. */
export interface JobDetails<Data = unknown> {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  readonly state: ListedState;
  /** What was pushed; `undefined` if this process cannot read it: see {@link dataError}. */
  readonly data: Data;
  /** Why {@link data} is not readable. */
  readonly dataError?: string;
  /** The options of the push; durations in seconds. */
  readonly options: RecordOptions;
  /** The number of the attempt that runs, or ran last; 0 before the first one. */
  readonly attempt: number;
  /** Missing if the push did not say it and this process does not know the class. */
  readonly maxTries?: number;
  readonly pushedAt: Date;
  /** When a job that is delayed, or waits for its next attempt, is due. */
  readonly availableAt?: Date;
  /** When its last attempt began. */
  readonly startedAt?: Date;
  readonly endedAt?: Date;
  /** How long its last attempt took, in milliseconds. */
  readonly duration?: number;
  /** The message of the last failure, or the reason of the cancellation. */
  readonly error?: string;
  /** The stack of the last failure, without the frames of this library. */
  readonly stack?: string;
  /** The last 10 failures, the newest one first. They stay when the job is put back. */
  readonly failures: readonly FailedAttempt[];
  /** What `job.progress()` told last. */
  readonly progress?: unknown;
  /** What `handle` returned, if the job has `keepResult`. */
  readonly result?: unknown;
  /** Why {@link result} is not readable. */
  readonly resultError?: string;
  /** The last 100 lines of `job.log()`, the oldest one first; missing if there are none, and in lists. */
  readonly logs?: readonly string[];
  /** Of a running job the consumer that holds it; of a failed one the process of its last attempt (`host:pid`). */
  readonly worker?: string;
  /** 0 if the push did not say it. */
  readonly priority: number;
  /** Missing without one. */
  readonly group?: string;
  /** The id of the chain, the batch or the workflow of which it is a member. */
  readonly chain?: string;
  readonly batch?: string;
  readonly workflow?: string;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** A failed attempt. */
export interface FailedAttempt {
  readonly attempt: number;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly error: string;
  readonly stack?: string;
  /** The process that ran it (`host:pid`); of a worker that was lost, its consumer. `-` if that is not known. */
  readonly worker: string;
}

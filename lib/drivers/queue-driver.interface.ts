import type { JobState } from '../job/job-status.js';
import type { JobTraits } from './job-traits.interface.js';
import type { ConsumerOptions, QueueConsumer } from './queue-consumer.interface.js';
import type { QueueBatches } from './queue-batches.interface.js';
import type { QueueFlows } from './queue-flows.interface.js';
import type { QueueLimits } from './queue-limits.interface.js';
import type { QueueLists } from './queue-lists.interface.js';
import type { QueueMending } from './queue-mending.interface.js';
import type { StorageFinding } from './queue-doctor.interface.js';
import type { QueueEventLog } from './queue-event-log.interface.js';
import type { ScheduleStore } from './queue-schedules.interface.js';
import type { StorageObserver } from './storage-observer.interface.js';
import type { QueueCancellations } from './queue-cancellations.interface.js';
import type { QueuePartitions } from './queue-partitions.interface.js';
import type { QueuePauses } from './queue-pauses.interface.js';
import type { QueueStats } from './queue-stats.interface.js';
import type { QueueWaits } from './queue-waits.interface.js';
import type { QueueWorkers } from './queue-workers.interface.js';

export * from './queue-consumer.interface.js';

/**
 * The contract of a storage. It names no kind of storage; one conformance suite (`test/contract`) checks every
 * implementation.
 *
 * Times are milliseconds on the storage's own clock; delays are relative and in seconds.
 */
export interface QueueDriver {
  /** The name of the driver in messages: `redis`, `array`. */
  readonly name: string;
  /** The place of the jobs, for the log: `redis 127.0.0.1:6379/0`. It never contains a password. */
  readonly address: string;

  /**
   * Connects, and checks that the storage can serve.
   *
   * @throws QueueConnectionError, AuthenticationError, UnsupportedServerError
   */
  connect(): Promise<void>;

  /** Closes the driver and everything that it opened. Later requests are refused. A second call does nothing. */
  close(): Promise<void>;

  /**
   * Says whether to give up the connection while nobody uses it; the next request connects again. The application says so
   * from its first hook until it has started: if its start fails, nobody closes the driver.
   */
  restWhileIdle?(rests: boolean): void;

  /**
   * True while the storage is away, or refuses what it is asked, as far as the driver knows: then requests are late, and go on when
   * it serves again. Without it, a late answer counts as a fault of this process.
   */
  readonly isAway?: boolean;

  /** The partitions of queues. A driver without it keeps each queue as one. */
  readonly partitions?: QueuePartitions;

  /**
   * Resolves when the storage answers.
   *
   * @param timeout how long to wait for the answer, in milliseconds. Default: as long as for any other request
   * @throws QueueConnectionError
   */
  ping(timeout?: number): Promise<void>;

  /**
   * Stores jobs in their order, all of them or none. If the same push arrives twice (its reply was lost), the second one adds
   * nothing.
   *
   * @param jobs at most {@link MAX_PUSH}
   * @param looks true if the storage has to look at each job: if the application gave ids (then a job is skipped if its id is stored,
   *   or if its status is still kept, see {@link NewJob.replacesEnded}), or if jobs have traits. Else no other push has the ids
   * @returns the jobs that were not simply added, if there are any; a push that arrives twice tells the same again
   * @throws JobIdConflictError if ids belong to jobs of another name or in another queue; the other jobs are stored. A storage
   *   that cannot look into other queues in the same operation may skip those queues
   * @throws QueueConnectionError if nothing was written, UnknownOutcomeError if that is not known
   * @throws StorageFullError, StorageCorruptError
   */
  push(queue: string, jobs: readonly NewJob[], looks: boolean): Promise<readonly PushException[] | undefined>;

  /** Opens a consumer of a stored queue: it claims and settles jobs, and prolongs the lease on the jobs that it holds. */
  consume(queue: string, options: ConsumerOptions): QueueConsumer;

  /** Opens a listener to stored queues. A worker without jobs waits for it, so that it need not poll empty queues. */
  listen(queues: readonly string[]): QueueListener;

  /** Reads the status of a job; `null` if there is none. */
  getStatus(id: string): Promise<StoredStatus | null>;

  /** Overwrites the status of a job, and keeps it for the status time from now; at least as long as the status before. */
  setStatus(id: string, state: JobState, error?: string): Promise<void>;

  /**
   * Reads the record of the job that waits under a key, see `DebounceKey`; `null` if none waits.
   *
   * @param group that of the job to push
   */
  readDebounced(queue: string, key: string, group?: string): Promise<string | null>;

  /** Counts the jobs of a queue. */
  counts(queue: string): Promise<QueueCounts>;

  /**
   * Drops every waiting job (ready, delayed or recovered) with its status. It keeps running jobs, and jobs that are pushed
   * after it began.
   *
   * @returns the number of dropped jobs, as far as the replies arrived
   */
  clear(queue: string): Promise<number>;

  /** The pauses of queues. */
  readonly pauses: QueuePauses;

  /** The limits of queues. */
  readonly limits: QueueLimits;

  /** The workers that run. */
  readonly workers: QueueWorkers;

  /** The waits for the ends of jobs. */
  readonly waits: QueueWaits;

  /** The statistics of queues. */
  readonly stats: QueueStats;

  /** The lists of jobs. */
  readonly lists: QueueLists;

  /** The changes of jobs by an operator. */
  readonly mending: QueueMending;
  /** The cancellations of jobs. */
  readonly cancellations: QueueCancellations;

  /** The events of all processes. */
  readonly events: QueueEventLog;

  /** Tells an observer from now on, in place of the one before, what flows and schedules do in this process. */
  observe(observer: StorageObserver): void;

  /** How batches are filled; `flows` reads and cancels them. */
  readonly batches: QueueBatches;

  /** Chains, batches and workflows. */
  readonly flows: QueueFlows;

  /**
   * Looks at the server for its operator. A driver without this method has no server.
   *
   * @throws QueueConnectionError
   */
  examine?(): Promise<StorageFinding[]>;
  /** The schedules of all processes. */
  readonly schedules: ScheduleStore;

  /** Lists the queues that jobs were ever pushed to, sorted by name. */
  queues(): Promise<string[]>;
}

/** A job of a push that was not simply added. */
export interface PushException {
  /** Its index in the list of the push. */
  readonly index: number;
  /**
   * - `duplicate`: it is there already, and nothing was added;
   * - `replaced`: it took the place of a job that waits;
   * - `changed`: another job waits than the push expected, and nothing was done.
   */
  readonly outcome: 'duplicate' | 'replaced' | 'changed';
  /** The id of the job that is there; empty for `changed`. */
  readonly id: string;
}

/** The most jobs of one push: a storage cannot serve others while it stores them. */
export const MAX_PUSH = 500;

/** A job to store. */
export interface NewJob {
  readonly id: string;
  /** True if no other push has the id. Of no use if a push has such jobs alone, without traits. */
  readonly isGenerated?: true;
  /** The record of the job as text. The storage reads no more of it than the header line, which tells the priority, if the job has one. */
  readonly body: string;
  /** Seconds until the job is ready; 0 for now. Jobs that are due in the same millisecond become ready in any order. */
  readonly delay: number;
  /** The name of the job; needed if the application gave the id. A missing name differs from no other name. */
  readonly name?: string;
  /** True if the id is taken only while its job lives: the status of an ended job is removed. */
  readonly replacesEnded?: boolean;
  /** Of a wait for this job: storing the job begins the wait, in the same operation. Only if the application gave the id. */
  readonly ticket?: string;
  readonly traits?: JobTraits;
}

export interface QueueListener {
  /** True if no wake-up can get lost: then a worker need not look at its queues from time to time. */
  readonly isReliable?: boolean;
  /**
   * Waits until one of the queues may have a job, until `milliseconds` have passed (`Infinity` for no limit, on a reliable
   * listener), or until the listener is closed. One push
   * wakes one listener. It may also wake a listener without a job. It never throws.
   *
   * @returns the queue that may have a job; `null` if the time has passed or the listener is closed
   */
  wait(milliseconds: number): Promise<string | null>;
  /** Wakes another listener of this queue, because this one was woken but cannot run the job. */
  pass(queue: string): void;
  close(): Promise<void>;
}

export interface StoredStatus {
  readonly state: JobState;
  readonly queue: string;
  readonly updatedAt: number;
  readonly attempt: number;
  readonly error?: string;
  /** JSON text; missing if the job told no progress. */
  readonly progress?: string;
  /** See `KeptResult`. */
  readonly result?: string;
}

export interface QueueCounts {
  /** Ready to run, recovered jobs included, and not {@link blocked}. */
  readonly ready: number;
  /**
   * Ready jobs that may not start now, because their group or their queue is at one of its limits or is held back. The jobs of a paused
   * queue do not count here.
   */
  readonly blocked: number;
  /** Delayed, and waiting for their next attempt. */
  readonly delayed: number;
  /** Claimed, and not settled yet. */
  readonly reserved: number;
  /** Failed for good, and kept. */
  readonly failed: number;
}

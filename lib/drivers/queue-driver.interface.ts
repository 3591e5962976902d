import type { JobState } from '../job/job-status.js';
import type { JobNote } from '../job/attempt-desk.interface.js';
import type { KeptResult } from '../job/kept-result.js';
import type { NoteTaker } from './job-notes.interface.js';
import type { JobTraits } from './job-traits.interface.js';
import type { FailureDetails } from './queue-retention.interface.js';
import type { QueueLimits } from './queue-limits.interface.js';
import type { QueueLists } from './queue-lists.interface.js';
import type { QueueMending } from './queue-mending.interface.js';
import type { CancelledJob, QueueCancellations } from './queue-cancellations.interface.js';
import type { QueuePauses } from './queue-pauses.interface.js';
import type { QueueStats, Sample } from './queue-stats.interface.js';
import type { QueueWaits } from './queue-waits.interface.js';
import type { QueueWorkers } from './queue-workers.interface.js';

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

  /** Opens a consumer of a queue: it claims and settles jobs, and prolongs the lease on the jobs that it holds. */
  consume(queue: string, options: ConsumerOptions): QueueConsumer;

  /** Opens a listener to queues. A worker without jobs waits for it, so that it need not poll empty queues. */
  listen(queues: readonly string[]): QueueListener;

  /** Reads the status of a job; `null` if there is none. */
  getStatus(id: string): Promise<StoredStatus | null>;

  /** Overwrites the status of a job, and keeps it for the status time from now; at least as long as the status before. */
  setStatus(id: string, state: JobState, error?: string): Promise<void>;

  /** Reads the record of the job that waits under a key, see `DebounceKey`; `null` if none waits. */
  readDebounced(queue: string, key: string): Promise<string | null>;

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
  /** True if no other push has the id, of a job with traits. */
  readonly isGenerated?: true;
  /** The record of the job as text. The storage does not read it. */
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

export interface ConsumerOptions {
  /** How long a consumer keeps its claimed jobs after its last sign of life, in seconds. */
  readonly lease: number;
  /** Called if the lease is found to be lost while no poll is under way. */
  readonly onLost: () => void;
  /**
   * Called if the consumer should poll at once, because the reply has news for it: its queue was paused or resumed, or a job of
   * it was cancelled.
   */
  readonly onSignal?: () => void;
}

/** Claims and holds the jobs of one queue, under one lease at a time. */
export interface QueueConsumer extends NoteTaker {
  readonly queue: string;
  /** The limits of one poll. The caller must not exceed them; see `PollBatcher`. */
  readonly limits: PollLimits;

  /**
   * Settles jobs, recovers the jobs of lost consumers, promotes due jobs, and claims jobs, all in one operation. A request
   * that is sent again takes effect only once. If the storage is away, the poll waits for it.
   *
   * Up to {@link PollLimits.inFlight} polls may be under way; they take effect in the order in which they were sent. A poll
   * that requeues jobs has to be the only poll under way: else jobs of a later claim would stand in front of jobs of an
   * earlier claim.
   *
   * @throws StorageCorruptError, QueueClosedError; then the poll has done nothing, and may be tried again
   */
  poll(request: PollRequest): Promise<PollResult>;

  /** Gives up the lease. When it has run out, other consumers recover the jobs that are still held. */
  close(): Promise<void>;
}

/** The limits of one poll, so that it does not keep the storage from other users for long. */
export interface PollLimits {
  /** The most jobs that one poll claims. */
  readonly claims: number;
  /** The most settlements of one poll. */
  readonly settlements: number;
  /** The most settlements of one poll that are not `complete`: they cost a storage more. */
  readonly costly: number;
  /** The most polls that are under way at the same time. */
  readonly inFlight: number;
}

export interface PollRequest {
  readonly settlements: readonly Settlement[];
  /** The most jobs to claim; 0 to claim none. */
  readonly limit: number;
  /** True if one of them may be a recovered job. */
  readonly recovered: boolean;
}

/**
 * The end of an attempt, what the job told that no other note has stored, and its sample: without a sample the statistics do not
 * count it.
 */
export type Settlement = AttemptSettlement & { readonly note?: JobNote; readonly sample?: Sample };

/** The end of an attempt, by which the storage ends the job or lets it wait for its next attempt. */
type AttemptSettlement =
  | ({
      readonly kind: 'complete';
      readonly id: string;
      readonly fence: number;
      /** How long the job is kept, in seconds. Default: the time of its queue. */
      readonly keep?: number;
    } & KeptResult)
  | {
      readonly kind: 'fail';
      readonly id: string;
      readonly fence: number;
      readonly error: string;
      readonly details?: FailureDetails;
      /** How long the job is kept, in seconds. Default: the time of its queue. */
      readonly keep?: number;
    }
  /** A cancelled job ends. */
  | {
      readonly kind: 'cancel';
      readonly id: string;
      readonly fence: number;
      /** True if the job ran in this attempt, or may have run in a lost consumer: then its status counts the attempt. */
      readonly hasRun: boolean;
      /** The reason, for its status. */
      readonly error?: string;
    }
  /** The attempt is counted. */
  | {
      readonly kind: 'retry';
      readonly id: string;
      readonly fence: number;
      readonly error: string;
      readonly details?: FailureDetails;
      readonly delay: number;
    }
  /** The attempt is not counted. At the back, and with a known name, the release is: its handler asked for it. */
  | {
      readonly kind: 'release';
      readonly id: string;
      readonly fence: number;
      readonly delay: number;
      /** The end of the queue where the job waits if there is no delay; at the `front` it keeps its turn. */
      readonly position: 'front' | 'back';
      /** True if this process does not know the name of the job. The storage keeps the time when that began. */
      readonly unknown?: boolean;
      /** True if the next consumer has to know that the job has started; only at the front. */
      readonly hasStarted?: boolean;
      /** True if the job was not started after its claim: a rate limit then does not count the claim. */
      readonly unstarted?: boolean;
    };

/**
 * Tells whether a settlement requeues its job, at the front of the queue. Of several jobs, the job that was claimed last has
 * to be requeued first, so that the jobs keep their order.
 */
export function isRequeue(settlement: Settlement): boolean {
  return settlement.kind === 'release' && settlement.position === 'front';
}

export interface PollResult {
  /**
   * True if the lease was lost. Then the poll claimed nothing, settled nothing that `refused` names, and the consumer holds no
   * job any more. The next poll starts a new lease, as another consumer. Of the polls under way at that time, only the first
   * one has `lost`; the others claim nothing, and name all their settlements in `refused`.
   */
  readonly lost: boolean;
  /** The ids of refused settlements: the consumer does not hold these jobs under these fencing tokens any more. */
  readonly refused: readonly string[];
  readonly jobs: readonly ClaimedJob[];
  /** The jobs that this poll recovered from a lost consumer. */
  readonly takenOver: readonly TakenOver[];
  /** The dangling ids (ids in a list without a job) that this poll found and dropped. */
  readonly danglingIds: readonly string[];
  /** True if more jobs are ready than this poll claimed, and may be claimed now; recovered jobs do not count. */
  readonly more: boolean;
  /** True if more recovered jobs wait than this poll claimed, and may be claimed now. */
  readonly recovered: boolean;
  /**
   * True if the queue is paused. Then no poll claims a job of it, and the caller requeues the jobs that it has claimed and not
   * started. The next poll tells the storage that it has.
   */
  readonly paused: boolean;
  /** True if the queue has limits, or jobs with priorities wait: then the caller claims no job that it cannot start at once. */
  readonly limited: boolean;
  /** True if jobs are ready that may not be claimed now, because the queue is at one of its limits. */
  readonly blocked: boolean;
  /**
   * The jobs that the consumer holds and that were cancelled, those included that this poll claimed; of very many only some. Each
   * reply names them until they have ended.
   */
  readonly cancelled: readonly CancelledJob[];
  /**
   * Milliseconds until the next poll is useful: the next delayed job is due then, the lease of another consumer runs out, so
   * that its jobs can be recovered, or a rate limit lets the next job start. `null` if there is no such time, or if `more` is true.
   */
  readonly nextDue: number | null;
  /** The time on the clock of the storage, in milliseconds. It is 0 if no job was claimed because the lease was lost. */
  readonly now: number;
}

/**
 * Makes the result of a poll whose lease was lost. `more` is true, so that the caller polls again.
 *
 * @param isFirst whether this poll is the first one to learn of the loss
 */
export function lostLease({ settlements }: PollRequest, isFirst: boolean): PollResult {
  return {
    lost: isFirst,
    refused: settlements.map(({ id }) => id),
    jobs: [],
    danglingIds: [],
    takenOver: [],
    more: true,
    recovered: false,
    paused: false,
    limited: true,
    blocked: false,
    cancelled: [],
    nextDue: null,
    now: 0,
  };
}

/** A job that was recovered from a lost consumer. It waits among the recovered jobs. */
export interface TakenOver {
  readonly id: string;
  /** The lost consumer. */
  readonly consumer: string;
}

export interface ClaimedJob {
  readonly id: string;
  readonly body: string;
  readonly pushedAt: number;
  /** The fencing token: it grows with each claimed job of the queue. */
  readonly fence: number;
  /** The number of this attempt, from 1. */
  readonly attempt: number;
  /** The number of consumers that were lost while they held the job. */
  readonly crashes: number;
  /** How long the name of the job has been unknown to its consumers, in milliseconds; 0 for a known name. */
  readonly unknownFor: number;
  /** What the job stored last with a checkpoint, as text; missing if it stored none. */
  readonly checkpoint?: string;
  /**
   * When it was first due, if an operator has put it back, or changed that before its first attempt; missing otherwise: then its push
   * says it.
   */
  readonly waitsSince?: number;
  /**
   * How often it was released since its push, or since an operator put it back. Missing if it has not started yet, as far as the
   * storage was told: a settlement tells it with a release, or with `hasStarted`.
   */
  readonly releases?: number;
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
  /** Ready to run, recovered jobs included. */
  readonly ready: number;
  /** Delayed, and waiting for their next attempt. */
  readonly delayed: number;
  /** Claimed, and not settled yet. */
  readonly reserved: number;
  /** Failed for good, and kept. */
  readonly failed: number;
}

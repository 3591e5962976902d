import type { Hold } from '../job/hold.js';
import type { JobNote } from '../job/attempt-desk.interface.js';
import type { KeptResult } from '../job/kept-result.js';
import type { NoteTaker } from './job-notes.interface.js';
import type { CancelledJob } from './queue-cancellations.interface.js';
import type { FailureDetails } from './queue-retention.interface.js';
import type { Sample } from './queue-stats.interface.js';

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
  /** Under which it holds jobs now, see `StoredJob.consumer`; another one after each lost lease. */
  readonly id: string;
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
      /** True if nobody cancelled it: it was not started in time. For a flow this is a failure. */
      readonly hasExpired?: true;
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
      /** What waits as long as the job: nothing of its queue, or of its group, starts meanwhile. Default: the job alone. */
      readonly hold?: Hold;
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
  /**
   * True if the queue has limits, or jobs with priorities or groups wait: then the caller claims no job that it cannot start at once.
   */
  readonly limited: boolean;
  /** True if jobs are ready that may not be claimed now, because the queue, or their group, is at one of its limits, or held back. */
  readonly blocked: boolean;
  /**
   * True if the queue is held back for a while, see `hold` of a release. Then no poll claims a job of it, and the caller requeues the
   * jobs that it has claimed and not started.
   */
  readonly held: boolean;
  /**
   * The jobs that the consumer holds and that were cancelled, those included that this poll claimed; of very many only some. Each
   * reply names them until they have ended.
   */
  readonly cancelled: readonly CancelledJob[];
  /**
   * Milliseconds until the next poll is useful: the next delayed job is due then, the lease of another consumer runs out, so
   * that its jobs can be recovered, a rate limit lets the next job start, or the queue is held back no longer. `null` if there is no such time, or if `more` is true.
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
    held: false,
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

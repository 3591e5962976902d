import type { JobState } from '../job/job-status.js';

/**
 * What a storage has to do for the queue. No word of it names a kind of storage; one conformance suite
 * (`test/contract`) holds every implementation to it.
 *
 * Times are milliseconds on the storage's own clock, delays are relative and in seconds.
 */
export interface QueueDriver {
  /** A word for messages: `redis`, `array`. */
  readonly name: string;
  /** Where the jobs are stored, for a log: `redis 127.0.0.1:6379/0`. Never a password. */
  readonly address: string;

  /**
   * Connects and checks that the storage can serve.
   *
   * @throws QueueConnectionError, AuthenticationError, UnsupportedServerError
   */
  connect(): Promise<void>;

  /** Closes what {@link connect} and the other methods opened; twice is fine. What is still asked for is refused. */
  close(): Promise<void>;

  /**
   * Resolves when the storage answers.
   *
   * @param timeout how long to wait for the answer, in milliseconds; without it as long as for any other request
   * @throws QueueConnectionError
   */
  ping(timeout?: number): Promise<void>;

  /**
   * Stores jobs, all of them or none, in their order. Arriving twice (a lost reply) adds nothing the second time.
   *
   * @param jobs at most {@link MAX_PUSH}
   * @param unique whether the ids came from the application: then one that is stored, or whose status is kept,
   *   is passed over. Ids that were made for the push are in no other one
   * @throws QueueConnectionError where nothing was written, UnknownOutcomeError where that is not known,
   *   StorageFullError, StorageCorruptError
   */
  push(queue: string, jobs: readonly NewJob[], unique: boolean): Promise<void>;

  /** Opens a consumer of claimed jobs: it claims, settles, and keeps the lease on what it holds. */
  consume(queue: string, options: ConsumerOptions): QueueConsumer;

  /** Opens a watch on queues, for who has nothing to do until one of them has a job. */
  listen(queues: readonly string[]): QueueListener;

  /** What is known of a job, or `null`. */
  getStatus(id: string): Promise<StoredStatus | null>;

  /** Overwrites what is known of a job; it is kept for the status time from now. */
  setStatus(id: string, state: JobState, error?: string): Promise<void>;

  counts(queue: string): Promise<QueueCounts>;

  /**
   * Drops every job that waits (ready, delayed or recovered job) with its status; jobs being run stay, and so do jobs that are
   * pushed after it began. Returns how many, as far as the answers arrived.
   */
  clear(queue: string): Promise<number>;

  /** The names of the queues that jobs were ever pushed to, sorted. */
  queues(): Promise<string[]>;
}

/** The most jobs that one push may carry: whatever the storage does in one go is bounded. */
export const MAX_PUSH = 500;

/** A job to store. */
export interface NewJob {
  readonly id: string;
  /** Opaque to the storage. */
  readonly body: string;
  /** Seconds until it is ready; 0 for now. */
  readonly delay: number;
}

export interface ConsumerOptions {
  /** How long what is claimed stays with its consumer after the last sign of life, in seconds. */
  readonly lease: number;
  /** Called when the lease is found to be lost while no poll is under way. */
  readonly onLost: () => void;
}

/** Claims and holds the jobs of one queue, under one lease at a time. */
export interface QueueConsumer {
  readonly queue: string;
  /** The limits of one poll. The caller keeps to them; see `PollBatcher`. */
  readonly limits: PollLimits;

  /**
   * Settles, recovers the jobs of lost consumers, promotes due jobs, and claims: in one go, once, however often the request
   * is sent. It waits for a storage that is away.
   *
   * Up to {@link PollLimits.inFlight} polls may be under way; they take effect in the order in which they were sent. A poll
   * that requeues jobs has to be the only one: jobs of a later claim would else go back in front of those of an earlier one.
   *
   * @throws StorageCorruptError, QueueClosedError: then the poll has done nothing, and may be tried again
   */
  poll(request: PollRequest): Promise<PollResult>;

  /** Gives up the lease. Others recover the jobs that are still held once it has run out. */
  close(): Promise<void>;
}

/** How much one poll may ask for, so that a storage is not kept from others for long. */
export interface PollLimits {
  /** The most jobs that one poll claims. */
  readonly claims: number;
  /** The most settlements that go with one poll. */
  readonly settlements: number;
  /** The most settlements among them that are no `complete`: those cost a storage more. */
  readonly costly: number;
  /** The most polls that are under way at once. */
  readonly inFlight: number;
}

export interface PollRequest {
  readonly settlements: readonly Settlement[];
  /** How many jobs to claim at the most; 0 to claim none. */
  readonly limit: number;
  /** Whether one of them may be a job whose former consumer was lost. */
  readonly recovered: boolean;
}

/** How an attempt ended, and what is to become of the job. */
export type Settlement =
  | { readonly kind: 'complete'; readonly id: string; readonly fence: number }
  | { readonly kind: 'fail'; readonly id: string; readonly fence: number; readonly error: string }
  /** The attempt is counted. */
  | {
      readonly kind: 'retry';
      readonly id: string;
      readonly fence: number;
      readonly error: string;
      readonly delay: number;
    }
  /** The attempt is not counted. */
  | {
      readonly kind: 'release';
      readonly id: string;
      readonly fence: number;
      readonly delay: number;
      /** Where it goes when there is no delay: `front` keeps its turn. */
      readonly position: 'front' | 'back';
      /** Whether the reason is that its name is not known here; when that began is remembered. */
      readonly unknown?: boolean;
    };

/** Whether a job goes back to the front of its queue: of several, the one that was claimed last has to go first. */
export function isRequeue(settlement: Settlement): boolean {
  return settlement.kind === 'release' && settlement.position === 'front';
}

export interface PollResult {
  /**
   * Whether the lease had been lost. Then nothing was claimed, nothing that `refused` names was settled, and everything held is
   * held no more. The next poll begins anew, as another consumer. Of the polls under way at that time only the first one says so;
   * the others claim nothing, and name all their settlements in `refused`.
   */
  readonly lost: boolean;
  /** Ids whose settlement was refused, since they are not held under that fence any more. */
  readonly refused: readonly string[];
  readonly jobs: readonly ClaimedJob[];
  /** The jobs that this poll recovered from a lost consumer. */
  readonly takenOver: readonly TakenOver[];
  /** Elements found in place of jobs, without a job behind them, and dropped. */
  readonly danglingIds: readonly string[];
  /** Whether jobs are ready beyond those claimed, recovered apart. */
  readonly more: boolean;
  /** Whether jobs whose former consumer was lost are waiting beyond those claimed. */
  readonly recovered: boolean;
  /**
   * Milliseconds until it is worth asking again: the next delayed job is due, or the lease of another consumer runs out, whose
   * jobs can be taken over then. `null` where nothing is to be expected, or `more` tells enough.
   */
  readonly nextDue: number | null;
}

/** A job whose consumer was lost. It waits among the recovered jobs now. */
export interface TakenOver {
  readonly id: string;
  /** The lost consumer. */
  readonly consumer: string;
}

export interface ClaimedJob {
  readonly id: string;
  readonly body: string;
  readonly pushedAt: number;
  /** Grows with each job handed out. */
  readonly fence: number;
  /** The number of this attempt, from 1. */
  readonly attempt: number;
  /** How often a consumer of it was lost. */
  readonly crashes: number;
  /** For how many milliseconds its name has not been known to those who claimed it; 0 for a known one. */
  readonly unknownFor: number;
}

export interface QueueListener {
  /**
   * Waits until one of the queues may have a job, `milliseconds` have passed, or the listener is closed. One push
   * wakes one listener. False alarms are allowed; it never throws.
   *
   * @returns the queue, or `null`
   */
  wait(milliseconds: number): Promise<string | null>;
  /** Wakes another listener of this queue in place of this one, which was woken but has no use for it. */
  pass(queue: string): void;
  close(): Promise<void>;
}

export interface StoredStatus {
  readonly state: JobState;
  readonly queue: string;
  readonly updatedAt: number;
  readonly attempt: number;
  readonly error?: string;
}

export interface QueueCounts {
  /** Ready to run, those taken over from lost consumers included. */
  readonly ready: number;
  /** Delayed, and waiting for their next attempt. */
  readonly delayed: number;
  /** Handed out. */
  readonly reserved: number;
  /** Failed for good within the status time. */
  readonly failed: number;
}

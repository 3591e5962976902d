import type { JobState } from '../job/job-status.js';

/**
 * The changes of jobs by an operator, as a storage makes them for all processes. Each change is made once, however often its
 * request is sent.
 */
export interface QueueMending {
  /**
   * Finds the queue of each job. A storage that is not sure of it names several queues: the other methods leave a job alone
   * that is not in their queue.
   *
   * @returns the ids of each queue; an id that nothing is known of is in none
   */
  queuesOf(ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;

  /** Reads some of the failed jobs that are kept, the one that failed first at the front. */
  failed(queue: string, page: FailedPageRequest): Promise<FailedPage>;

  /**
   * Puts failed jobs back to the end of their queue, as new ones: without attempts and crashes. Their records and failures stay.
   * A job that is not kept as a failed one is left alone.
   *
   * @returns how many were put back
   */
  retry(queue: string, ids: readonly string[]): Promise<number>;

  /**
   * Puts failed jobs into another queue, at its end, as {@link retry} does; the times of their pushes stay. A job whose id a live
   * job has there is left alone. Nothing is lost, and nothing runs twice, if the caller dies meanwhile: until its jobs have arrived
   * they are failed ones, for all others.
   *
   * @returns how many the other queue took
   */
  move(queue: string, ids: readonly string[], target: string): Promise<number>;

  /**
   * Removes jobs, with all that is kept of them. A job that a consumer holds is left alone.
   *
   * @param only jobs in these states, as the lists tell them (`QueueLists`). Default: in any, also those of which only the status is kept
   * @returns how many were removed
   */
  remove(queue: string, ids: readonly string[], only?: readonly JobState[]): Promise<number>;

  /** Reads the ids of the completed and cancelled jobs that are kept with their records, the oldest one first. */
  completed(queue: string): Promise<string[]>;

  /**
   * Makes a delayed job ready now, at the end of its queue: one that is delayed, or waits for its next attempt.
   *
   * @returns whether it was delayed
   */
  promote(queue: string, id: string): Promise<boolean>;

  /**
   * Changes when a waiting job is due. With a delay of 0 a job that is ready keeps its turn. A cancelled job that was put back is
   * about to end, and is not put off.
   *
   * @param delay seconds from now
   * @returns whether it waited
   */
  reschedule(queue: string, id: string, delay: number): Promise<boolean>;

  /**
   * Gives a job that waits another priority, also in its record. A ready job goes to the end of its new priority; one that has it
   * already, or comes before all others of an ordered group, keeps its turn.
   *
   * @returns whether it waited
   */
  setPriority(queue: string, id: string, priority: number): Promise<boolean>;

  /** Reads the record of a job that waits; `null` if it does not wait. */
  readWaiting(queue: string, id: string): Promise<string | null>;

  /**
   * Replaces the record of a job that waits.
   *
   * @param header the first line that its record has to have: another job may have that id meanwhile
   * @returns whether it waited
   */
  replace(queue: string, id: string, header: string, body: string): Promise<boolean>;

  /**
   * Removes everything of a queue: its jobs, what is kept of ended ones, its statistics, its pause and its name. It does nothing
   * while a consumer holds jobs of the queue. The status of an ended job that is kept without its record may stay until its time
   * is over.
   *
   * @returns the number of jobs that consumers hold; 0 if the queue is removed
   */
  obliterate(queue: string): Promise<number>;
}

export interface FailedPageRequest {
  /** The most jobs. */
  readonly limit: number;
  /** Where the last page ended. Default: the beginning. */
  readonly cursor?: string;
  /** True to read the first lines of the records, too. */
  readonly headers: boolean;
}

export interface FailedPage {
  readonly jobs: readonly FailedJob[];
  /** The time of the storage, in milliseconds. */
  readonly now: number;
  /** For the next page; missing after the last one. */
  readonly cursor?: string;
}

/** A failed job that is kept. */
export interface FailedJob {
  readonly id: string;
  /** When it failed, in milliseconds. */
  readonly failedAt: number;
  /** The first line of its record; missing if it was not asked for. */
  readonly header?: string;
}

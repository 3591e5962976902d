/**
 * The cancellations of jobs, as a storage keeps them for all processes.
 *
 * A job that waits ends at once. The consumer of a job that is claimed learns of it by `PollResult.cancelled`, and ends it with
 * a settlement `cancel`. Until then the storage remembers the cancellation: whoever claims the job next learns of it as well.
 */
export interface QueueCancellations {
  /**
   * Cancels a job. A request that is sent again gets the same answer.
   *
   * @returns what became of it; `null` if there is no live job of that id
   * @throws QueueConnectionError if no answer came in time; the job may be cancelled then
   */
  cancel(id: string, reason?: string): Promise<Cancellation | null>;

  /**
   * Reads some of the jobs of a queue that have not ended. All pages together have each job that lived all the time; they may have
   * a job twice.
   */
  live(queue: string, page: LivePageRequest): Promise<LivePage>;

  /**
   * Cancels some jobs of a queue, as {@link cancel}. A job that has ended, that was pushed later, or that was cancelled before is
   * left alone.
   *
   * @param pushedBy as in {@link LivePage}
   * @param ids each once
   */
  cancelSome(queue: string, ids: readonly string[], pushedBy: number, reason?: string): Promise<CancelledSome>;
}

export interface LivePageRequest {
  /** About so many jobs. */
  readonly limit: number;
  /** Where the last page ended. Default: the beginning. */
  readonly cursor?: string;
  /** The time of the first page. Jobs that were pushed later are left out. */
  readonly pushedBy?: number;
  /** True to read the first lines of the records, too. */
  readonly headers: boolean;
}

export interface LivePage {
  readonly jobs: readonly LiveJob[];
  /** The time of the storage at the first page, in milliseconds. */
  readonly pushedBy: number;
  /** For the next page; missing after the last one. */
  readonly cursor?: string;
}

/** A job that has not ended. */
export interface LiveJob {
  readonly id: string;
  /** The first line of its record; missing if it was not asked for. */
  readonly header?: string;
}

/** The jobs that one request cancelled. */
export interface CancelledSome {
  /** Those that had waited, and have ended. */
  readonly ended: readonly string[];
  /** How many are claimed: their consumers are told. */
  readonly told: number;
}

/** What a request to cancel did: the job had waited, and is `cancelled`; or a consumer has it, and is told. */
export type Cancellation = 'cancelled' | 'cancelling';

/** A job that a consumer holds, and that was cancelled. */
export interface CancelledJob {
  readonly id: string;
  readonly reason?: string;
}

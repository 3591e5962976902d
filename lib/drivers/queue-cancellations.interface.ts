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
}

/** What a request to cancel did: the job had waited, and is `cancelled`; or a consumer has it, and is told. */
export type Cancellation = 'cancelled' | 'cancelling';

/** A job that a consumer holds, and that was cancelled. */
export interface CancelledJob {
  readonly id: string;
  readonly reason?: string;
}

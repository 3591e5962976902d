/**
 * What a push did:
 *
 * - `queued`: the job is ready;
 * - `delayed`: it waits for its time;
 * - `duplicate`: a job with its id, or with its key, is there already, and nothing was added;
 * - `replaced`: it took the place of a job that waits;
 * - `deferred`: it is stored later.
 */
export type DispatchOutcome = 'queued' | 'delayed' | 'duplicate' | 'replaced' | 'deferred';

/** The result of a push. */
export interface DispatchResult {
  /** The id of the job; of a duplicate the id of the job that is there already. */
  readonly id: string;
  readonly outcome: DispatchOutcome;
}

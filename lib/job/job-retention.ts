import type { Duration } from '../support/duration.js';

/** How long a job is kept once it has ended. What a push does not give comes from its class, then from the queue. */
export interface JobRetention {
  /** How long the status of a completed job is kept; 0 to keep nothing of it. */
  completed?: Duration;
  /** How long a failed job is kept, with its data, its failures and its status; 0 to keep nothing of it. */
  failed?: Duration;
}

/** {@link JobRetention}, checked; in seconds. */
export interface CheckedJobRetention {
  readonly completed?: number;
  readonly failed?: number;
}

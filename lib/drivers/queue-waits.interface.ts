import type { JobTraits } from './job-traits.interface.js';

/** Waits for the ends of jobs. */
export interface QueueWaits {
  /**
   * Begins to wait for the end of a job. Resolves when the storage knows of the wait: from then on no end is missed. If the job has
   * ended already, or is not known, the listener is told so at once.
   *
   * A wait that is not closed is over when its time has passed. Nothing is left of it then.
   *
   * @throws QueueConnectionError, StorageCorruptError, QueueClosedError
   */
  open(id: string, options: WaitTerms, listener: WaitListener): Promise<JobWait>;
}

export interface WaitTerms {
  /** How long the caller waits, in milliseconds; at most {@link LONGEST_WAIT}. */
  readonly timeout: number;
  /** The queue to which the job is about to be pushed: until {@link JobWait.arrived} the job need not exist. */
  readonly pushedTo?: string;
  /** The traits of the job that is about to be pushed. */
  readonly traits?: JobTraits;
  /**
   * True if the application gave the id of the job that is about to be pushed: an older job may have it. Then the wait is told of
   * no end until the push that brings its {@link JobWait.ticket} has stored the job.
   */
  readonly isGiven?: boolean;
}

/** The longest wait, in milliseconds. */
export const LONGEST_WAIT = 86_400_000;

/** Both methods together are called at most once. */
export interface WaitListener {
  ended(end: JobEnd): void;
  /** The wait cannot go on. */
  failed(error: Error): void;
}

export interface JobWait {
  /** For the push of a job whose id the application gave: see `NewJob.ticket`. */
  readonly ticket?: string;
  /** Tells that the push is over. From now on, a job that does not exist is `gone`. */
  arrived(): void;
  /**
   * Ends the wait, and looks for the last time.
   *
   * @returns the end of the job, if the storage knows it and has not told it; the listener is not called any more
   */
  close(): Promise<JobEnd | undefined>;
}

/** How a job ended. `gone`: it is not known, or nothing is kept of it any more. */
export type JobEnd =
  | {
      readonly state: 'completed';
      readonly result?: string;
      /** The reason why its result could not be kept. */
      readonly error?: string;
      /** False if the result may have been forgotten, because the job had ended before the storage knew of the wait. */
      readonly isWhole: boolean;
    }
  | {
      readonly state: 'failed';
      readonly error: string;
      /** The number of the last attempt. */
      readonly attempt: number;
      /** The name of the error; missing for `Error`, and if it is not known. */
      readonly name?: string;
      readonly stack?: string;
    }
  | { readonly state: 'cancelled'; readonly error?: string }
  | { readonly state: 'gone' };

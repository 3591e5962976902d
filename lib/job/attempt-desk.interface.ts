import type { Carried } from './job-context-carrier.interface.js';
import type { JobLabels } from './job-labels.js';

/** What a job tells while it runs, beside how it ends. The storage does not read the texts. */
export interface JobNote {
  /** JSON text. The last progress is part of the status of the job, as long as the status is kept. */
  readonly progress?: string;
  /** What the next attempt gets, as text. */
  readonly checkpoint?: string;
  /** Lines of the log of the job. */
  readonly log?: LoggedLines;
}

/** The most lines of a log that are kept: the last ones, of all attempts of a job. */
export const MAX_LOG_LINES = 100;

/** Lines that an attempt logged one behind the other. By their numbers a storage tells those that it has already. */
export interface LoggedLines {
  /** How many lines the attempt logged before them. */
  readonly before: number;
  /** From 1 to {@link MAX_LOG_LINES} of them; they may contain line breaks. */
  readonly lines: readonly string[];
}

/** The attempt that tells something. */
export interface TellingAttempt extends JobLabels {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  readonly attempt: number;
  readonly fence: number;
  /** The context of the push of the job. */
  readonly carried?: Carried;
}

/** Takes what a job tells while it runs, through its context. */
export interface AttemptDesk {
  /** @throws InvalidOptionError at once; the promise is never rejected */
  progress(value: unknown): Promise<void>;
  /**
   * Resolves when the checkpoint is stored.
   *
   * @throws InvalidOptionError at once
   * @throws LeaseLostError if another worker may have the job; QueueClosedError
   */
  checkpoint(value: unknown): Promise<void>;
  /** @throws InvalidOptionError */
  log(line: string): void;
  /** Ends the attempt. @returns what its settlement has to store; `undefined` if there is nothing */
  close(): JobNote | undefined;
}

/** Opens the desk of an attempt when its job tells something for the first time: most jobs never do. */
export interface AttemptDesks {
  open(attempt: TellingAttempt): AttemptDesk;
  /** Reads the checkpoint of an earlier attempt. @throws CorruptJobError */
  readCheckpoint(id: string, text: string): unknown;
  /** Reads the result of another job of the same flow. @throws CorruptJobError */
  readResult(id: string, text: string): unknown;
  /** Finds the result of a node of a workflow. @param ref see `RecordOptions.flow` */
  resultOf(id: string, ref: string, name: string): Promise<unknown>;
  /** Adds jobs to a batch. @returns how many it has then */
  addToBatch(batch: string, jobs: unknown): Promise<number>;
}

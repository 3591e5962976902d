/** What a job tells while it runs, beside how it ends. The storage does not read the texts. */
export interface JobNote {
  /** JSON text. The last progress is part of the status of the job, as long as the status is kept. */
  readonly progress?: string;
  /** What the next attempt gets, as text. */
  readonly checkpoint?: string;
}

/** The attempt that tells something. */
export interface TellingAttempt {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  readonly attempt: number;
  readonly fence: number;
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
  /** Ends the attempt. @returns what its settlement has to store; `undefined` if there is nothing */
  close(): JobNote | undefined;
}

/** Opens the desk of an attempt when its job tells something for the first time: most jobs never do. */
export interface AttemptDesks {
  open(attempt: TellingAttempt): AttemptDesk;
  /** Reads the checkpoint of an earlier attempt. @throws CorruptJobError */
  readCheckpoint(id: string, text: string): unknown;
}

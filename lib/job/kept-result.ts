/** The result of a completed job: as its status keeps it, or only for those who wait for it. */
export interface KeptResult {
  /** The result as text. The storage does not read it. */
  readonly result?: string;
  /** True if the status does not keep the result: it is only for those who wait for the job. */
  readonly isOnlyTold?: true;
  /** How long the status is kept at least, in seconds. */
  readonly keepFor?: number;
  /** The reason why the result could not be kept. */
  readonly error?: string;
}

/** The result of a completed job, as its status keeps it. */
export interface KeptResult {
  /** The result as text. The storage does not read it. */
  readonly result?: string;
  /** How long the status is kept at least, in seconds. */
  readonly keepFor?: number;
  /** The reason why the result could not be kept. */
  readonly error?: string;
}

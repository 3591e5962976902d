/** When a job was claimed. */
export interface ClaimTime {
  /** Milliseconds on the clock of the storage. */
  readonly now: number;
  /** The same moment on the monotonic clock of this process. */
  readonly takenAt: number;
}

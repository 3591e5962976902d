/**
 * The pauses of queues, as a storage keeps them for all processes.
 *
 * A consumer learns of a pause by `PollResult.paused`. Its next poll tells the storage that it obeys: it starts none of
 * the jobs that it has claimed.
 */
export interface QueuePauses {
  /**
   * Stops every claim from a queue, also of a queue without jobs. A second call replaces the first one. Resolves when all
   * consumers that hold jobs obey, or after a second: a consumer that is cut off obeys at the latest when its lease ends.
   *
   * @param milliseconds how long the pause lasts; `null` until {@link resume}
   */
  pause(queue: string, milliseconds: number | null): Promise<void>;

  /** Ends a pause. Does nothing if the queue is not paused. */
  resume(queue: string): Promise<void>;

  /** Reads the pause of a queue; `null` if it is not paused. */
  read(queue: string): Promise<QueuePause | null>;
}

export interface QueuePause {
  /** The time on the clock of the storage at which the pause ends, in milliseconds; `null` if it has no end. */
  readonly until: number | null;
}

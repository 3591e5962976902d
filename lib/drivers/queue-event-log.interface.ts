/** The most events that one call appends: a storage cannot serve others while it stores them. */
export const MAX_EVENTS = 500;

/** The last events of all processes, in one order. The storage does not read the texts. */
export interface QueueEventLog {
  /**
   * Adds events behind all others, in their order, and forgets the oldest ones beyond `keep`. If the call arrives twice, the events may
   * be there twice.
   *
   * @param texts at most {@link MAX_EVENTS}, without line breaks
   * @throws QueueConnectionError, QueueClosedError
   */
  append(texts: readonly string[], keep: number): Promise<void>;

  /**
   * Follows the log: first come the kept events behind `after`, then those that are appended. They come in their order, and each at
   * least once, as long as it is kept. If the storage is away, it goes on behind the last event as soon as it is back.
   *
   * @param after the cursor of the last event that is known. Default: the last one of all
   * @throws InvalidOptionError if it is no cursor of this storage
   */
  follow(after: string | undefined, listener: (events: readonly LoggedEvent[]) => void): EventFollowing;
}

export interface LoggedEvent {
  /** Its place in the log. */
  readonly cursor: string;
  readonly text: string;
}

export interface EventFollowing {
  /** Resolves when no event is missed any more that is appended from now on. It is never rejected. */
  readonly ready: Promise<void>;
  /** Stops it. A second call does nothing. */
  close(): void;
}

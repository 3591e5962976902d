/** How many jobs of a queue run at once, and how many start in a while, over all processes. */
export interface StartLimits {
  /** The most jobs that run at once: those that consumers hold. Missing: any number. */
  readonly concurrency?: number;
  /** Missing: any number of jobs may start at any time. */
  readonly rateLimit?: RateWindow;
  /** Limits of each group of jobs, see `JobTraits.group`. They do not bound jobs without a group. */
  readonly groups?: GroupLimits;
}

/** The limits of each group of jobs of a queue, over all processes. */
export interface GroupLimits {
  /** The most jobs of a group that run at once. Missing: any number. */
  readonly concurrency?: number;
  /** How many jobs of a group start in a while. Missing: any number. */
  readonly rateLimit?: RateWindow;
  /**
   * True if a job of a group holds its group back from its first claim until it has ended, also while it waits: for its next attempt, after
   * a release, or for its recovery. Then {@link concurrency} is 1.
   */
  readonly ordered?: true;
}

/** No window of this length has more starts. A start is the claim of a job, on the clock of the storage. */
export interface RateWindow {
  readonly max: number;
  /** The length of the window, in seconds. */
  readonly per: number;
}

/** Returns the limits that the options of this process give a queue. */
export type LimitsOf = (queue: string) => StartLimits;

export const NO_LIMITS: StartLimits = Object.freeze({});

/** For drivers without options. */
export const unlimited: LimitsOf = () => NO_LIMITS;

/** The limits of queues, as a storage keeps them for all processes. */
export interface QueueLimits {
  /**
   * Sets the limits of a queue in place of those of all options, until they are taken back: without an end. Wakes consumers.
   *
   * @param limits `null` to take them back
   */
  set(queue: string, limits: StartLimits | null): Promise<void>;

  /**
   * Holds a queue back, as a release with `hold` does. Of two holds the one that ends later counts. Calls the consumers.
   *
   * @param seconds how long
   */
  hold(queue: string, seconds: number): Promise<void>;

  /**
   * Ends the holds of a queue and of its groups, so that their jobs may start again. Wakes consumers.
   *
   * @returns whether the queue was held back, or a group of it
   */
  endHold(queue: string): Promise<boolean>;

  /** Reads the limits that count now. */
  read(queue: string): Promise<LimitsState>;
}

export interface LimitsState {
  readonly limits: StartLimits;
  /** True if they were set in place of the options. */
  readonly isSet: boolean;
  /** Until when the queue is held back, in milliseconds; `null` if it is not. */
  readonly heldUntil: number | null;
}

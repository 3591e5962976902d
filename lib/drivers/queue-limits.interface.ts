/** How many jobs of a queue run at once, and how many start in a while, over all processes. */
export interface StartLimits {
  /** The most jobs that run at once: those that consumers hold. Missing: any number. */
  readonly concurrency?: number;
  /** Missing: any number of jobs may start at any time. */
  readonly rateLimit?: RateWindow;
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

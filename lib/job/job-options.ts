import type { Duration } from '../support/duration.js';

/** How attempts are made and repeated. Each option can be set for one push, for a class, and for all jobs. */
export interface AttemptOptions {
  /** How many attempts a job gets in all; at least 1. Default: 3. */
  maxTries?: number;
  /** The pause before the first repetition; it doubles with each further one. Default: 60 s. */
  retryDelay?: Duration;
  /** How long one attempt may take. After that `context.signal` is aborted, and the attempt has failed. Default: no limit. */
  timeout?: Duration;
}

/** The options of `@Job()`. */
export interface JobOptions extends AttemptOptions {
  /** The name under which the job is stored. Default: the class name. Keep it when you rename a class that has jobs waiting. */
  name?: string;
  /** The queue of the job. Default: the module's default queue. */
  queue?: string;
}

/** The options of a push. They take the place of a queue name. */
export interface PushOptions extends AttemptOptions {
  /** The queue; default: that of the job's class, else the module's default queue. */
  queue?: string;
  /** How long to wait before the job may run, or the `Date` from which it may run. Default: 0. */
  delay?: Duration | Date;
  /**
   * The job's id. The push adds nothing if a job with this id is stored, or if its status is still kept. Default: a new id;
   * such ids sort by time.
   */
  id?: string;
}

/** The options of a bulk push. They take the place of a queue name. */
export type PushManyOptions = Omit<PushOptions, 'id'>;

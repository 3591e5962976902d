import type { Duration } from '../support/duration.js';

/** How attempts are made and repeated. Each can be given for one push, for a class, and for all jobs. */
export interface AttemptOptions {
  /** How many attempts a job gets in all; at least 1. Default: 3. */
  maxTries?: number;
  /** The pause before the first repetition; it doubles with each further one. Default: 60 s. */
  retryDelay?: Duration;
  /** How long one attempt may take: then `context.signal` is aborted and the attempt has failed. Default: no limit. */
  timeout?: Duration;
}

/** What `@Job()` takes. */
export interface JobOptions extends AttemptOptions {
  /** The name under which the job is stored. Default: the class name. Keep it when you rename a class that has jobs waiting. */
  name?: string;
  /** The queue its pushes go to. Default: the module's default queue. */
  queue?: string;
}

/** What a push takes in place of a queue name. */
export interface PushOptions extends AttemptOptions {
  /** The queue; default: that of the job's class, else the module's default queue. */
  queue?: string;
  /** How long to wait before the job may run; a `Date` stands for the time until then. Default: 0. */
  delay?: Duration | Date;
  /**
   * The job's id. A push of an id that is stored already, or whose status is still kept, adds nothing. Default: a new,
   * time-ordered id.
   */
  id?: string;
}

/** What a push of many jobs takes in place of a queue name. */
export type PushManyOptions = Omit<PushOptions, 'id'>;

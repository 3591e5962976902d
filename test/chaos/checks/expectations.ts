import type { PushedJob } from './timeline.js';

/** The effects that a fault is allowed to have. By default it may have none of them. */
export interface Expectations {
  /** Jobs that may end as failed. */
  readonly mayFail?: (job: PushedJob) => boolean;
  /** Jobs that may disappear, because the test deletes keys. */
  readonly mayBeGone?: (job: PushedJob) => boolean;
  /** Returns true if the server may have lost writes that it acknowledged at this time, in milliseconds. Default: never. */
  readonly forgotten?: (at: number) => boolean;
  /** The most extra runs of jobs that lost processes held. Default: the number of jobs that they held. */
  readonly mostExtraRuns?: number;
  /** How much too early a job may start, in milliseconds, because clocks count whole milliseconds. Default: 2. */
  readonly earliness?: number;
}

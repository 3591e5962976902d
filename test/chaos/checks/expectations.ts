import type { PushedJob } from './story.js';

/** What a fault may do; by default nothing of this. */
export interface Expectations {
  /** Jobs that may end as failed. */
  readonly mayFail?: (job: PushedJob) => boolean;
  /** Jobs that may be gone without a trace: somebody deleted them. */
  readonly mayBeGone?: (job: PushedJob) => boolean;
  /** Whether the server may have forgotten what it acknowledged at that time, in milliseconds. Default: it never does. */
  readonly forgotten?: (at: number) => boolean;
  /** How many runs over, of jobs that lost processes held, there may be. Default: as many as they held. */
  readonly mostExtraRuns?: number;
  /** How much sooner than its time a job may start, in milliseconds: clocks count in whole ones. Default: 2. */
  readonly earliness?: number;
}

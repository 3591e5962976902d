import type { JobInterface } from '../job/job.interface.js';
import type { JobSpec } from '../job/job-spec.interface.js';
import type { Duration } from '../support/duration.js';

/** When a schedule has its occurrences: by a cron expression, or in equal distances. */
export type ScheduleRule = CronRule | EveryRule;

export interface CronRule {
  /**
   * A cron expression of 5 fields, of 6 with seconds in front, or of 7 with the year at the end, as the package `croner` has them; also
   * `@hourly`, `@daily`, `@weekly`, `@monthly` and `@yearly`.
   */
  readonly cron: string;
  /** The time zone of the expression, as `Europe/Berlin`. Default: `UTC`, whatever the time zone of the machine is. */
  readonly timeZone?: string;
  readonly every?: undefined;
}

export interface EveryRule {
  /**
   * The time between two occurrences; at least 100 ms. They are counted from `startAt`, else from when the schedule was first set.
   */
  readonly every: Duration;
  readonly cron?: undefined;
  readonly timeZone?: undefined;
}

/** How a schedule behaves. */
export interface ScheduleBehaviour {
  /**
   * What becomes of missed occurrences, because no worker ran: of those that are late by more than 10 s. `none`: nothing; `last`: only the
   * last one is made up for, unless another one is due; `all`: all of them, at most the last 1,000. Default: `last`.
   */
  readonly catchUp?: 'none' | 'last' | 'all';
  /** False to skip an occurrence while the job of the last one lives: waits, runs, or waits for its next attempt. Default: true. */
  readonly overlap?: boolean;
  /**
   * Each job becomes ready up to so much later, by a part that follows from the name of the schedule and the time; at most a day. Default: 0.
   */
  readonly jitter?: Duration;
}

/** The options of `@Schedule()`. */
export interface DeclaredScheduleOptions<Data = unknown> extends ScheduleBehaviour {
  /** Default: the name of the job. */
  readonly name?: string;
  /** What `handle` gets. */
  readonly data?: Data;
}

/** The options of `QueueSchedules.set()`. */
export type ScheduleOptions = ScheduleRule & ScheduleBehaviour & RuntimeOptions;

interface RuntimeOptions {
  /** The job of each occurrence: a `jobSpec()`, or an instance that carries its data. */
  readonly job: JobSpec | JobInterface;
  /** No occurrence is before it. Default: now. */
  readonly startAt?: Date;
  /** No occurrence is after it. Default: none. */
  readonly endAt?: Date;
  /** After so many occurrences it ends; skipped ones do not count. Default: no limit. */
  readonly limit?: number;
  /** True to pause it, false to resume it. Default: as it is; a new schedule is not paused. */
  readonly paused?: boolean;
}

import type { Duration } from '../support/duration.js';

/** What `QueueAdmin.stats` reads. Times are milliseconds on the clock of the storage. */
export interface QueueStatistics {
  /** The beginning of the first point. */
  readonly from: Date;
  /** The end of the last point. */
  readonly to: Date;
  /** The length of a point, in seconds. */
  readonly step: number;
  /** All points together. */
  readonly total: StatisticsCounts;
  /** One after the other, the oldest one first; also those in which nothing happened. */
  readonly points: readonly StatisticsPoint[];
  /** For how long the oldest ready job has been ready, in seconds; `null` if no job is ready. */
  readonly oldestReadyAge: number | null;
}

export interface StatisticsPoint extends StatisticsCounts {
  /** When it begins. */
  readonly time: Date;
}

export interface StatisticsCounts {
  /** How many jobs were completed. */
  readonly completed: number;
  /** How many jobs failed for good. */
  readonly failed: number;
  /** How many attempts failed and were followed by another one. */
  readonly retried: number;
  /** How long attempts ran; `null` if none did. */
  readonly run: Percentiles | null;
  /** How long jobs waited for their first attempt, from the time when they were due; `null` if none had one. */
  readonly wait: Percentiles | null;
}

/** The times that 50, 95 and 99 of a hundred do not exceed, in milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** The options of `QueueAdmin.stats`. */
export interface StatisticsOptions {
  /** Default: an hour before `to`. */
  readonly from?: Date;
  /** Default: now, on the clock of the storage. */
  readonly to?: Date;
  /** The length of a point: a whole number of minutes. Default: a minute within the last 24 hours, else an hour. */
  readonly step?: Duration;
}

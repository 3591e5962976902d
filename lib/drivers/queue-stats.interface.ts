/**
 * The statistics of queues, as a storage keeps them for all processes: counters for each minute of the last 24 hours and for each
 * hour of the last 90 days.
 *
 * A storage adds up the samples of settlements, in the same operation as the settlements themselves. So each is counted once.
 */
export interface QueueStats {
  /**
   * Reads the periods that begin between two times, the first one inclusive. Periods in which nothing was counted, or that are
   * not kept any more, are left out.
   *
   * @param from milliseconds on the clock of the storage, as `to`
   */
  read(queue: string, unit: StatsUnit, from: number, to: number): Promise<StatsPeriod[]>;

  /** Reads the time of the storage, and the first ready jobs of a queue: {@link MOST_READY} of each place where ready jobs are. */
  look(queue: string): Promise<QueueLook>;
}

export type StatsUnit = 'minute' | 'hour';

/** The length of a period, and how long it is kept after its end, in milliseconds. */
export const STATS_UNITS: Readonly<Record<StatsUnit, { readonly length: number; readonly keptFor: number }>> = {
  minute: { length: 60_000, keptFor: 24 * 3_600_000 },
  hour: { length: 3_600_000, keptFor: 90 * 24 * 3_600_000 },
};

export interface StatsPeriod {
  /** When it begins, in milliseconds on the clock of the storage. */
  readonly start: number;
  /** See {@link countersOf}. A counter that is missing at the end is 0. */
  readonly counters: readonly number[];
}

/** The most jobs that {@link QueueStats.look} reads of one place. */
export const MOST_READY = 8;

export interface QueueLook {
  /** Milliseconds. */
  readonly now: number;
  readonly ready: readonly ReadyJob[];
}

/** A ready job. */
export interface ReadyJob {
  readonly pushedAt: number;
  /** The first line of its record. */
  readonly header: string;
  /** True if it was tried before, or if its worker was lost. */
  readonly isRetried: boolean;
  /** See {@link ClaimedJob.waitsSince}. */
  readonly waitsSince?: number;
}

/**
 * What the statistics count of a settlement: the bucket of the run time and that of the wait time, in one number,
 * `run * SAMPLE_BASE + wait`. Buckets are numbered from 1; 0 stands for a time that is not known, or does not count.
 */
export type Sample = number;

/** Above the number of the last bucket. */
export const SAMPLE_BASE = 64;

/** The kinds of settlements that are counted, in the order of their counters. */
export const COUNTED_KINDS = ['complete', 'fail', 'retry'] as const;

/**
 * Returns the counters to which a settlement adds 1: that of its kind, that of its run time, that of its wait time. The counters of
 * the two times of a bucket stand side by side behind those of the kinds, so that quick jobs need few counters.
 */
export function countersOf(kind: (typeof COUNTED_KINDS)[number], sample: Sample): number[] {
  const run = Math.floor(sample / SAMPLE_BASE);
  const wait = sample % SAMPLE_BASE;
  const counters: number[] = [COUNTED_KINDS.indexOf(kind)];
  if (run > 0) counters.push(runCounter(run));
  if (wait > 0) counters.push(waitCounter(wait));
  return counters;
}

export function runCounter(bucket: number): number {
  return COUNTED_KINDS.length + 2 * (bucket - 1);
}

export function waitCounter(bucket: number): number {
  return runCounter(bucket) + 1;
}

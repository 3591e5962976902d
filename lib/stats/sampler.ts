import type { ClaimedJob } from '../drivers/queue-driver.interface.js';
import { SAMPLE_BASE, type Sample } from '../drivers/queue-stats.interface.js';
import type { ClaimTime } from '../job/claim-time.interface.js';
import type { RecordOptions } from '../job/job-record.js';
import type { MonotonicClock } from '../support/clock.js';
import { BUCKET_ENDS } from './buckets.js';

/**
 * Makes the samples of attempts, for the statistics:
 *
 * 1. the run time is that of each attempt that ran;
 * 2. the wait time is that of each first attempt: from the time when the job was due until it started. The clock of the storage
 *    measures it up to the claim, the clock of this process from there on.
 */
export class Sampler {
  constructor(private readonly clock: MonotonicClock) {}

  /**
   * @param startedAt milliseconds on the monotonic clock
   * @param endedAt the same. Default: now
   * @param options those of the push; `undefined` if the job did not run
   */
  sample(
    job: ClaimedJob,
    options: RecordOptions | undefined,
    startedAt: number,
    claim: ClaimTime,
    endedAt = this.clock.monotonic(),
  ): Sample {
    if (!options) return 0;
    const ran = Math.ceil(endedAt - startedAt);
    const run = (ran >= 0 && ran < SHORT ? SHORT_TIMES[ran]! : bucketOf(ran)) * SAMPLE_BASE;
    if (job.attempt > 1 || job.crashes > 0) return run;
    const dueAt = job.waitsSince ?? job.pushedAt + (options.delay ?? 0) * 1000;
    const waited = Math.ceil(claim.now - dueAt + startedAt - claim.takenAt);
    return run + (waited >= 0 && waited < SHORT ? SHORT_TIMES[waited]! : bucketOf(waited));
  }
}

/** Returns the number of the bucket of a time, from 1. @param milliseconds below 0 counts as 0 */
export function bucketOf(milliseconds: number): number {
  let low = 0;
  let high = BUCKET_ENDS.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (milliseconds <= BUCKET_ENDS[middle]!) high = middle;
    else low = middle + 1;
  }
  return low + 1;
}

/** Shorter times are looked up, in milliseconds. An index that the array does not have would be slow. */
const SHORT = 1_000;
/** The buckets of whole milliseconds from 0 on. No bucket ends within one. */
const SHORT_TIMES = Uint8Array.from({ length: SHORT }, (_, milliseconds) => bucketOf(milliseconds));

import type { ClaimedJob } from '../drivers/queue-driver.interface.js';
import { dueAt } from '../job/due-at.js';
import type { RecordOptions } from '../job/job-record.js';
import type { AdmissionStage } from '../middleware/job-stage.js';
import type { MonotonicClock } from '../support/clock.js';

/**
 * Tells whether a job was not started in time. A job that has started does not expire any more: it was tried or released, an operator
 * put it back, or its worker was lost (it may have started there).
 *
 * @param now milliseconds on the clock of the storage
 */
export function isExpired(job: ClaimedJob, options: RecordOptions, now: number): boolean {
  if (options.expiresIn === undefined) return false;
  if (job.attempt > 1 || job.crashes > 0 || job.releases !== undefined) return false;
  return now >= dueAt(job, options) + options.expiresIn * 1000;
}

/** Makes the stage that ends expired jobs before anything of them is made, also of a job whose name is unknown here. */
export function expiredJobs(clock: MonotonicClock): AdmissionStage {
  return ({ job, record, control, claim }) => {
    if (control.aborted) return undefined;
    const now = claim.now + clock.monotonic() - claim.takenAt;
    return isExpired(job, record!.options, now) ? { kind: 'expired' } : undefined;
  };
}

import type { ClaimedJob } from '../drivers/queue-driver.interface.js';
import type { AttemptPolicy } from '../job/attempt-policy.js';
import type { AdmissionStage } from '../middleware/job-stage.js';
import { JobCancelledError } from '../queue.errors.js';

/** Tells whether a job that does not run may have run: in an earlier attempt, or in a worker that was lost. */
export function mayHaveRun({ attempt, crashes }: ClaimedJob): boolean {
  return attempt > 1 || crashes > 0;
}

/**
 * Makes the stage that ends jobs that were cancelled before this attempt, and may have run: the job is made, so that its
 * `cancelled()` can run, unless that has cost too many workers. It ends a job, too, that has not run and whose name is unknown here.
 */
export function cancelledJobs(policy: AttemptPolicy): AdmissionStage {
  return (attempt) => {
    const { aborted } = attempt.control;
    if (!(aborted instanceof JobCancelledError)) return undefined;
    const { record, registered, job } = attempt;
    if (!registered && !mayHaveRun(job)) return { kind: 'cancelled', error: aborted, hasRun: false };
    if (job.crashes > policy.maxCrashes(record!.options, registered?.options))
      return { kind: 'cancelled', error: aborted, hasRun: true };
    attempt.rejection = aborted;
    return undefined;
  };
}

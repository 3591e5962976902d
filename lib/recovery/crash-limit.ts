import type { ClaimedJob } from '../drivers/queue-driver.interface.js';
import type { AttemptPolicy } from '../job/attempt-policy.js';
import type { AdmissionStage } from '../middleware/job-stage.js';
import { JobCrashedError } from '../queue.errors.js';

/** Returns the error of a poison job, which cost too many workers; `undefined` for any other job. */
export function crashErrorOf({ id, crashes }: ClaimedJob, maxCrashes: number): JobCrashedError | undefined {
  return crashes >= maxCrashes ? new JobCrashedError(id, crashes) : undefined;
}

/**
 * Makes the stage that fails poison jobs, before they cost another worker.
 *
 * At the limit the job is still made, so that its `failed()` can run. Beyond the limit that cost a worker too: then the stage
 * fails the job without touching it, because reading its data, making it, or its `failed()` may be the cause.
 */
export function crashLimit(policy: AttemptPolicy): AdmissionStage {
  return (attempt) => {
    const { record, registered, job } = attempt;
    const maxCrashes = policy.maxCrashes(record!.options, registered?.options);
    const error = crashErrorOf(job, maxCrashes);
    if (error && error.crashes > maxCrashes) return { kind: 'failed', error };
    attempt.rejection ??= error;
    return undefined;
  };
}

import type { ClaimedJob } from '../drivers/queue-driver.interface.js';
import type { AttemptPolicy } from '../job/attempt-policy.js';
import type { RetryTime } from '../job/retry-time.js';
import type { AdmissionStage } from '../middleware/job-stage.js';
import { RetriesOverError } from '../queue.errors.js';
import type { MonotonicClock } from '../support/clock.js';

/** Returns the error of a job whose next try comes after the end of its `retryFor`. The first attempt comes in time whenever it comes. */
export function lateRetryError({ id, attempt }: ClaimedJob, time: RetryTime | undefined): RetriesOverError | undefined {
  return time && attempt > 1 && time.left < 0 ? new RetriesOverError(id, attempt - 1) : undefined;
}

/**
 * Makes the stage that gives an attempt the time that its job has for its tries. If it is over, the job is made, so that its `failed()`
 * can run, and is not tried again.
 */
export function lateRetries(policy: AttemptPolicy, clock: MonotonicClock): AdmissionStage {
  return (attempt) => {
    const { job, record, registered, claim } = attempt;
    const now = (): number => claim.now + clock.monotonic() - claim.takenAt;
    const time = policy.retryTime(job, record!.options, registered?.options, now, asksForPauses(registered?.jobClass));
    attempt.retryTime = time;
    attempt.rejection ??= lateRetryError(job, time);
    return undefined;
  };
}

/** Tells whether a class decides about pauses in its `getRetryDelay()`. */
function asksForPauses(jobClass: { readonly prototype: unknown } | undefined): boolean {
  const prototype = jobClass?.prototype as { getRetryDelay?: unknown } | undefined;
  return typeof prototype?.getRetryDelay === 'function';
}

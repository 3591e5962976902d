import { JobCancelledError } from '../queue.errors.js';
import type { JobOutcome } from './job-outcome.js';

/** A job that a worker has claimed, and that this process cannot run. */
interface UnknownJob {
  /** For how long processes have found that they cannot run it, in milliseconds. */
  readonly unknownFor: number;
}

/** The time after which such a job fails if a deploy can be the only reason, in milliseconds: a day. */
const UNKNOWN_LIMIT = 86_400_000;
/** The shortest pause before such a job may run again, in seconds. */
const FIRST_PAUSE = 1;
/** The longest pause, in seconds. */
const LONGEST_PAUSE = 300;

/** Returns the pause before such a job is offered again, in seconds: each one is as long as the time since that was found. */
export function pauseOf({ unknownFor }: UnknownJob): number {
  return Math.min(Math.max(unknownFor / 1000, FIRST_PAUSE), LONGEST_PAUSE);
}

/** Ends a job that was cancelled and has not run: nobody has to run it. */
export function endUnrun(
  { attempt, crashes }: { readonly attempt: number; readonly crashes: number },
  rejection: Error | undefined,
): JobOutcome | undefined {
  if (!(rejection instanceof JobCancelledError) || attempt > 1 || crashes > 0) return undefined;
  return { kind: 'cancelled', error: rejection, hasRun: false };
}

/** Puts a job back, uncounted: another process may run it. */
export function putBack(job: UnknownJob, error: Error): JobOutcome {
  return { kind: 'unknown', error, delay: pauseOf(job) };
}

/** Puts a job back that another process may know during a rolling deploy, and fails it after a day. */
export function decideUnknown(job: UnknownJob, error: Error): JobOutcome {
  return job.unknownFor >= UNKNOWN_LIMIT ? { kind: 'failed', error } : putBack(job, error);
}

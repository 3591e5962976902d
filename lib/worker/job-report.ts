import type { JobOutcome } from '../job/job-outcome.js';
import type { Attempt } from '../middleware/job-stage.js';
import type { MonotonicClock } from '../support/clock.js';
import { errorMessage } from '../support/error-text.js';

/** The end of an attempt, as `Worker.reports$` tells it. */
export interface JobReport {
  /** When it ended. */
  readonly time: Date;
  readonly queue: string;
  /** The job's name; empty if its record could not be read. */
  readonly name: string;
  readonly id: string;
  readonly attempt: number;
  readonly outcome: JobOutcome['kind'];
  /** How long it took, in milliseconds. */
  readonly duration: number;
  /**
   * How long the job waited for its first attempt, from the time when it was due, in milliseconds; missing for later attempts, after a
   * release, and if its record could not be read.
   */
  readonly wait?: number;
  /** The message of the error, cut to 1,000 characters. */
  readonly error?: string;
  /** The pause before the next attempt, in seconds. */
  readonly delay?: number;
}

export function toReport(attempt: Attempt, outcome: JobOutcome, clock: MonotonicClock): JobReport {
  const { queue, job, name, startedAt } = attempt;
  const wait = waitOf(attempt);
  return {
    time: new Date(clock.now()),
    queue,
    name,
    id: job.id,
    attempt: job.attempt,
    outcome: outcome.kind,
    duration: clock.monotonic() - startedAt,
    ...(wait !== undefined && { wait }),
    ...('error' in outcome && { error: errorMessage(outcome.error) }),
    ...('delay' in outcome && { delay: outcome.delay }),
  };
}

/** The clock of the storage measures it up to the claim, the clock of this process from there on, as in `Sampler`. */
function waitOf({ job, record, startedAt, claim }: Attempt): number | undefined {
  if (!record || job.attempt > 1 || job.crashes > 0 || job.releases) return undefined;
  const dueAt = job.waitsSince ?? job.pushedAt + (record.options.delay ?? 0) * 1000;
  return Math.max(claim.now - dueAt + startedAt - claim.takenAt, 0);
}

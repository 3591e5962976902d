import type { ClaimedJob } from '../drivers/queue-driver.interface.js';
import type { JobOutcome } from '../job/job-outcome.js';
import type { AdmissionStage } from '../middleware/job-stage.js';
import { UnknownJobError } from '../queue.errors.js';
import type { QueueLogger } from '../support/queue-logger.js';

/** The time after which a job with an unknown name fails, in milliseconds: a day. */
const UNKNOWN_LIMIT = 86_400_000;
/** The shortest pause before such a job may run again, in seconds. */
const FIRST_PAUSE = 1;
/** The longest pause, in seconds. */
const LONGEST_PAUSE = 300;

/**
 * Decides about jobs whose name is not registered in this process. During a rolling deploy they belong to workers of another
 * version, so they are released, uncounted: each pause is as long as the time since the name was found to be unknown. After
 * a day they fail.
 */
export class UnknownNames {
  private readonly logged = new Set<string>();

  constructor(private readonly logger: QueueLogger) {}

  /** Ends the attempt of a job with an unknown name. */
  readonly stage: AdmissionStage = ({ registered, job, name }) => (registered ? undefined : this.decide(job, name));

  private decide({ unknownFor }: ClaimedJob, name: string): JobOutcome {
    const error = new UnknownJobError(name);
    if (unknownFor >= UNKNOWN_LIMIT) return { kind: 'failed', error };
    if (!this.logged.has(name)) {
      this.logged.add(name);
      this.logger.warn(`${error.message}: such jobs are released for other workers, and fail after a day`);
    }
    return { kind: 'unknown', error, delay: Math.min(Math.max(unknownFor / 1000, FIRST_PAUSE), LONGEST_PAUSE) };
  }
}

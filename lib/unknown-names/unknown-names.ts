import { decideUnknown } from '../job/put-back.js';
import type { AdmissionStage } from '../middleware/job-stage.js';
import { UnknownJobError } from '../queue.errors.js';
import type { QueueLogger } from '../support/queue-logger.js';

/**
 * Decides about jobs whose name is not registered in this process. During a rolling deploy they belong to workers of another
 * version, so they are put back, and fail after a day.
 */
export class UnknownNames {
  private readonly logged = new Set<string>();

  constructor(private readonly logger: QueueLogger) {}

  /** Ends the attempt of a job with an unknown name. */
  readonly stage: AdmissionStage = ({ registered, job, name }) => {
    if (registered) return undefined;
    const error = new UnknownJobError(name);
    const outcome = decideUnknown(job, error);
    if (outcome.kind === 'unknown' && !this.logged.has(name)) {
      this.logged.add(name);
      this.logger.warn(`${error.message}: such jobs are released for other workers, and fail after a day`);
    }
    return outcome;
  };
}

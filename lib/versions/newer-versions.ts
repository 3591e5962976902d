import { decideUnknown, endUnrun } from '../job/put-back.js';
import type { AdmissionStage } from '../middleware/job-stage.js';
import { UnknownVersionError } from '../queue.errors.js';
import type { QueueLogger } from '../support/queue-logger.js';
import { FIRST_VERSION } from './lift.js';

/**
 * Decides about jobs whose data is of a newer version than their class here knows. During a rolling deploy they belong to workers of
 * the new version, so they are put back, and fail after a day.
 */
export class NewerVersions {
  private readonly logged = new Set<string>();

  constructor(private readonly logger: QueueLogger) {}

  /** Ends the attempt of a job whose data is too new. */
  readonly stage: AdmissionStage = ({ record, registered, job, name, rejection }) => {
    const version = record!.options.version ?? FIRST_VERSION;
    const known = registered?.options.version ?? FIRST_VERSION;
    if (!registered || version <= known) return undefined;
    const end = endUnrun(job, rejection);
    if (end) return end;
    const error = new UnknownVersionError(name, version, known);
    const outcome = decideUnknown(job, error);
    const kind = `${name} ${version}`;
    if (outcome.kind === 'unknown' && !this.logged.has(kind)) {
      this.logged.add(kind);
      this.logger.warn(`${error.message}: such jobs are released for other workers, and fail after a day`);
    }
    return outcome;
  };
}

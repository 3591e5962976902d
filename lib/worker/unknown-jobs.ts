import type { ClaimedJob } from '../drivers/queue-driver.interface.js';
import { UnknownJobError } from '../queue.errors.js';
import type { QueueLogger } from '../support/queue-logger.js';
import type { JobOutcome } from './job-outcome.js';

/** How long a job may have a name that nobody knows, in milliseconds: a day. */
const PATIENCE = 86_400_000;
const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 300;

/**
 * Decides what becomes of jobs whose name is not registered here. In a rolling deploy they belong to workers of another
 * version: they are put back, uncounted, for as long again as they have waited already; after a day they fail.
 */
export class UnknownJobs {
  private readonly told = new Set<string>();

  constructor(private readonly logger: QueueLogger) {}

  decide(job: ClaimedJob, name: string): JobOutcome {
    const error = new UnknownJobError(name);
    if (job.unknownFor >= PATIENCE) return { kind: 'failed', error };
    if (!this.told.has(name)) {
      this.told.add(name);
      this.logger.warn(`${error.message}: such jobs are put back for other workers, and fail after a day`);
    }
    return { kind: 'unknown', error, delay: Math.min(Math.max(job.unknownFor / 1000, FIRST_PAUSE), LONGEST_PAUSE) };
  }
}

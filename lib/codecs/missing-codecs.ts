import { endUnrun, putBack } from '../job/put-back.js';
import type { JobRecord } from '../job/job-record.js';
import type { AdmissionStage } from '../middleware/job-stage.js';
import { UnknownCodecError } from '../queue.errors.js';
import type { QueueLogger } from '../support/queue-logger.js';

/** Names the codec or the key that is missing to read a record. */
interface Reader {
  lacks(record: JobRecord): string | undefined;
}

/**
 * Decides about jobs that this process cannot decode, because a codec or a key is missing: they are put back, uncounted, however long
 * that lasts, and told of. They fail nowhere, since another process, or this one with the key, can run them.
 */
export class MissingCodecs {
  private readonly logged = new Set<string>();

  constructor(
    private readonly reader: Reader,
    private readonly logger: QueueLogger,
  ) {}

  /** Ends the attempt of a job that cannot be decoded here. */
  readonly stage: AdmissionStage = ({ record, job, rejection }) => {
    const missing = this.reader.lacks(record!);
    if (missing === undefined) return undefined;
    const end = endUnrun(job, rejection);
    if (end) return end;
    const error = new UnknownCodecError(missing);
    if (!this.logged.has(missing)) {
      this.logged.add(missing);
      this.logger.warn(`${error.message}: such jobs are put back until a process has it`);
    }
    return putBack(job, error);
  };
}

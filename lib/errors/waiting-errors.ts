import { QueueError } from './queue-error.js';

/** The error of a job, as its failure is kept. */
export interface JobFailure {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

/** The job that a caller waits for has failed for good. The message is that of the error of the job. */
export class JobFailedError extends QueueError {
  override name = 'JobFailedError';
  declare readonly cause: JobFailure;

  constructor(
    readonly jobId: string,
    /** The number of the last attempt. */
    readonly attempt: number,
    cause: JobFailure,
  ) {
    super('ERR_JOB_FAILED', cause.message, { cause });
  }
}

/** A job has not ended in the time for which its caller waits. The job goes on, unless it could not be pushed in that time. */
export class WaitTimeoutError extends QueueError {
  override name = 'WaitTimeoutError';

  constructor(
    readonly jobId: string,
    readonly seconds: number,
    isPushed = true,
  ) {
    const what = isPushed ? `has not ended within ${seconds} s; it goes on` : `was not pushed within ${seconds} s`;
    super('ERR_WAIT_TIMEOUT', `Job ${jobId} ${what}`);
  }
}

/** There is no job with this id, or nothing is kept of it any more. */
export class JobNotFoundError extends QueueError {
  override name = 'JobNotFoundError';

  constructor(
    readonly jobId: string,
    reason = 'it is not known, or nothing is kept of it any more',
  ) {
    super('ERR_JOB_NOT_FOUND', `Job ${jobId} was not found: ${reason}`);
  }
}

import type { JobCancelledError } from '../queue.errors.js';
import type { Attempt } from '../middleware/job-stage.js';
import { errorMessage, errorStack, toError } from '../support/error-text.js';
import type { QueueLogger } from '../support/queue-logger.js';

/** Logs the attempts that failed, each with the stack of its error. */
export class AttemptLog {
  /** The errors of chunks that were logged with their stack. */
  private readonly told = new WeakSet<Error>();

  constructor(private readonly logger: QueueLogger) {}

  retrying(attempt: Attempt, error: Error, delay: number): void {
    // Part of the message: the loggers of Nest take a stack with an error only.
    this.logger.warn(
      `${describeAttempt(attempt)} failed and is tried again in ${delay.toFixed(1)} s: ${errorMessage(error)}\n${this.stackOf(attempt, error)}`,
    );
  }

  failed(attempt: Attempt, error: Error): void {
    this.logger.error(
      `${describeAttempt(attempt)} failed for good: ${errorMessage(error)}`,
      this.stackOf(attempt, error),
    );
  }

  /** Logs that the result of a completed job cannot be kept. */
  unkept(attempt: Attempt, reason: string): void {
    this.logger.error(`${describeAttempt(attempt)} has completed. ${reason}`);
  }

  cancelled({ name, job, queue }: Attempt, error: JobCancelledError): void {
    this.logger.log(`${name || 'Job'} ${job.id} (queue ${queue}) ended: ${error.message}`);
  }

  expired({ name, job, queue }: Attempt): void {
    this.logger.log(`${name} ${job.id} (queue ${queue}) has expired: it was not started in time`);
  }

  /** Logs that a method of the job threw, beside `handle`. */
  threw(method: string, { name, job }: Attempt, thrown: unknown): void {
    const error = toError(thrown);
    this.logger.error(`${method} of ${name} ${job.id} threw: ${errorMessage(error)}`, errorStack(error));
  }

  /** Returns the stack of an error; of one that all items of a chunk have, only for the first of them. */
  private stackOf({ seat }: Attempt, error: Error): string {
    if (!seat) return errorStack(error);
    if (this.told.has(error)) return '(its stack is logged with the first job of the chunk)';
    this.told.add(error);
    return errorStack(error);
  }
}

function describeAttempt({ name, job, control, queue }: Attempt): string {
  const most = Number.isFinite(control.maxTries) ? ` of ${control.maxTries}` : '';
  return `${name || 'Job'} ${job.id} (queue ${queue}, attempt ${job.attempt}${most})`;
}

import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { Job, type JobContext, type JobHandler } from 'nestjs-job-queue';

export interface Example {
  /** How long each attempt takes, in seconds. */
  readonly duration: number;
  /** How many attempts fail before one succeeds. */
  readonly failures: number;
}

/** Waits, fails in its first attempts, then succeeds: a job to watch retries with. */
@Job()
export class ExampleJob implements JobHandler<Example, void> {
  private readonly logger = new Logger(ExampleJob.name);

  async handle({ duration, failures }: Example, { id, attempt, maxTries, signal }: JobContext): Promise<void> {
    this.logger.log(`${id}: attempt ${attempt} of ${maxTries} takes ${duration} s`);
    // The signal ends the pause early when the worker has to stop: the worker then requeues the job.
    await pause(duration * 1000, undefined, { signal });
    if (attempt <= failures) throw new Error(`Failure ${attempt} of ${failures}, as requested`);
    this.logger.log(`${id}: done`);
  }

  failed(error: Error, _example: Example, { id }: JobContext): void {
    this.logger.error(`${id}: failed for good (${error.message})`);
  }
}

import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { Job, type JobContext, type JobHandler } from 'nestjs-job-queue';

export interface Example {
  /** How long each attempt takes, in seconds. */
  readonly duration: number;
  /** How many of the first attempts fail. */
  readonly failures: number;
}

/** Does nothing for a while, fails as often as it is told to, then succeeds: to see how the queue deals with that. */
@Job()
export class ExampleJob implements JobHandler<Example, void> {
  private readonly logger = new Logger(ExampleJob.name);

  async handle({ duration, failures }: Example, { id, attempt, maxTries, signal }: JobContext): Promise<void> {
    this.logger.log(`${id}: attempt ${attempt} of ${maxTries} takes ${duration} s`);
    // With the signal the pause ends early when the worker has to stop: the job is put back and runs again.
    await pause(duration * 1000, undefined, { signal });
    if (attempt <= failures) throw new Error(`Failure ${attempt} of ${failures}, as asked for`);
    this.logger.log(`${id}: done`);
  }

  failed(error: Error, _example: Example, { id }: JobContext): void {
    this.logger.error(`${id}: given up (${error.message})`);
  }
}

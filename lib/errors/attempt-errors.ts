import { QueueError } from './queue-error.js';

/** A popped job cannot be settled: it was settled before, or its lease was lost. */
export class JobSettledError extends QueueError {
  override name = 'JobSettledError';

  constructor(
    readonly jobId: string,
    reason: string,
  ) {
    super('ERR_SETTLED', `Job ${jobId} cannot be settled: ${reason}`);
  }
}

/** An attempt took longer than the `timeout` of its job. */
export class JobTimeoutError extends QueueError {
  override name = 'JobTimeoutError';

  constructor(
    readonly jobId: string,
    readonly seconds: number,
  ) {
    super('ERR_JOB_TIMEOUT', `Job ${jobId} took longer than its timeout of ${seconds} s`);
  }
}

/** The job is poison: too many workers died, or lost their lease, while they ran it. */
export class JobCrashedError extends QueueError {
  override name = 'JobCrashedError';

  constructor(
    readonly jobId: string,
    readonly crashes: number,
  ) {
    super('ERR_JOB_CRASHED', `The worker that ran job ${jobId} was lost ${crashes} times`);
  }
}

/** The next try of a job came to its turn when its `retryFor` was over: it fails for good, and is not tried again. */
export class RetriesOverError extends QueueError {
  override name = 'RetriesOverError';

  /** @param attempts how often it was tried */
  constructor(
    readonly jobId: string,
    readonly attempts: number,
  ) {
    super(
      'ERR_RETRIES_OVER',
      `Job ${jobId} failed ${attempts} times, and its time for further tries (retryFor) is over`,
    );
  }
}

/** The job was released more often than its `maxReleases` allows: it fails for good in the place of the last release. */
export class TooManyReleasesError extends QueueError {
  override name = 'TooManyReleasesError';

  /** @param releases how often it had been released before */
  constructor(
    readonly jobId: string,
    readonly releases: number,
  ) {
    super('ERR_TOO_MANY_RELEASES', `Job ${jobId} was released ${releases} times, and may not be released again`);
  }
}

/**
 * Thrown by a job that cannot succeed however often it is tried, anywhere below `handle`: the job fails for good at once, and its
 * `failed()` is called.
 */
export class UnrecoverableError extends QueueError {
  override name = 'UnrecoverableError';

  constructor(message: string, options?: ErrorOptions) {
    super('ERR_UNRECOVERABLE', message, options);
  }
}

/** The job was cancelled: the reason in `context.signal`, and the error of a job that ended so. */
export class JobCancelledError extends QueueError {
  override name = 'JobCancelledError';

  /** @param reason the text that was given to `cancel()`, if one was given */
  constructor(
    readonly jobId: string,
    readonly reason?: string,
  ) {
    super('ERR_JOB_CANCELLED', `Job ${jobId} was cancelled${reason === undefined ? '' : `: ${reason}`}`);
  }
}

/** The reason in `context.signal` if the worker has lost its lease on the job: another worker may run it. */
export class LeaseLostError extends QueueError {
  override name = 'LeaseLostError';

  constructor(readonly queue: string) {
    super('ERR_LEASE_LOST', `The lease on the jobs of queue ${queue} was lost: another worker may run them`);
  }
}

/** The reason in `context.signal` if the worker stops before the job has ended. */
export class WorkerShutdownError extends QueueError {
  override name = 'WorkerShutdownError';

  constructor() {
    super('ERR_SHUTDOWN', 'The worker shuts down: the job is requeued');
  }
}

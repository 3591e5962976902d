import { setImmediate } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import type { Worker } from '../index.js';
import type { AttemptTracker, TrackedAttempt } from '../support/attempt-tracker.js';
import { errorStack, toError } from '../support/error-text.js';

/** How long the running jobs may go on after an error that nobody caught, in seconds: the process is not to be trusted. */
const LONGEST_WAIT = 10;
/** How long the stop and the close of the application may take in all, in milliseconds. */
const STOP_LIMIT = 30_000;
/** How many errors are logged: a timer can throw again and again until the process ends. */
const MOST_LOGGED = 20;

export interface CrashStopParts {
  readonly worker: Pick<Worker, 'stop'>;
  readonly logger: Required<Pick<LoggerService, 'fatal'>>;
  /** Knows the attempt whose code threw the error. */
  readonly tracker: AttemptTracker;
  /** How long running jobs may take to end, in seconds. */
  readonly shutdownTimeout: number;
  /** Ends the process at once. */
  readonly exit: () => void;
}

/**
 * Stops the worker after an error that nobody caught, so that the jobs that run beside do not pay for it:
 *
 * 1. logs the error, and the job whose code threw it;
 * 2. fails the attempt of that job if it still runs: put back uncounted, it would end one process after the other;
 * 3. stops the worker as a signal does: it claims no more jobs, and those that do not end in time are requeued uncounted;
 * 4. ends the process if that takes too long.
 *
 * Each further error is logged, and fails its own attempt. It does not shorten the stop.
 */
export class CrashStop {
  constructor(private readonly parts: CrashStopParts) {}

  readonly handle = (thrown: unknown, number: number): void => {
    const { tracker, exit } = this.parts;
    const error = toError(thrown);
    const attempt = tracker.getStore();
    const failed = attempt?.fail(error) ?? false;
    if (number <= MOST_LOGGED) this.log(error, number, attempt, failed);
    if (number > 1) return;
    setTimeout(exit, STOP_LIMIT).unref();
    void this.stop();
  };

  private log(error: Error, number: number, attempt: TrackedAttempt | undefined, failed: boolean): void {
    const whose = attempt ? ` of job ${describeAttempt(attempt, failed)}` : '';
    const action = number === 1 ? '; the worker stops, and ends with exit code 1' : '';
    this.write(`An error${whose} was not caught${action}`, error);
    if (number === MOST_LOGGED) this.write('Further errors that nobody catches are not logged');
  }

  /** Never throws: an error of this handler would end the process at once. */
  private write(message: string, error?: Error): void {
    this.parts.logger.fatal(message, error && errorStack(error), 'queue-worker');
  }

  private async stop(): Promise<void> {
    const { worker, shutdownTimeout } = this.parts;
    // The attempt that just failed gets its outcome first: the stop would requeue it.
    await setImmediate();
    await worker.stop({ timeout: Math.min(shutdownTimeout, LONGEST_WAIT) });
  }
}

function describeAttempt({ id, name, queue }: TrackedAttempt, failed: boolean): string {
  return `${name} ${id} (queue ${queue}${failed ? '' : ', its code had ended'})`.trimStart();
}

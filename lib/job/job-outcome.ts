import { JobCancelledError, LeaseLostError, UnrecoverableError, WorkerShutdownError } from '../queue.errors.js';
import type { ReleaseOptions } from './hold.js';
import type { Verdict } from './job-context.js';
import type { RetryTime } from './retry-time.js';
import type { KeptResult } from './kept-result.js';

/** The ends that an attempt can have. */
export type JobOutcome =
  | { readonly kind: 'completed'; readonly kept?: KeptResult }
  | { readonly kind: 'retrying'; readonly error: Error; readonly delay: number }
  | { readonly kind: 'failed'; readonly error: Error }
  /** It was cancelled, and did not complete nevertheless. */
  | { readonly kind: 'cancelled'; readonly error: JobCancelledError; readonly hasRun: boolean }
  /** It was not started in time. */
  | { readonly kind: 'expired' }
  /** The handler asked for it. */
  | ({ readonly kind: 'released'; readonly delay: number } & ReleaseOptions)
  /** The worker stopped before the attempt had ended. `unstarted`: it had not begun. */
  | { readonly kind: 'requeued'; readonly unstarted?: true }
  /** This process does not know the name of the job. */
  | { readonly kind: 'unknown'; readonly error: Error; readonly delay: number }
  /** The lease was lost, so the end does not count: another worker may run the job. */
  | { readonly kind: 'abandoned' };

/** The facts that decide about the outcome of an attempt. */
export interface AttemptEnd {
  /** The error that the attempt threw. */
  readonly error?: Error;
  /** The request of the handler. */
  readonly verdict?: Verdict;
  /** The reason why the signal was aborted. */
  readonly aborted?: Error;
  readonly attempt: number;
  readonly maxTries: number;
  /** Returns the pause before the next attempt, in seconds. Called only if there is a next attempt. */
  readonly pause: () => number;
  /** The time for further attempts; missing if only their number counts. */
  readonly retryTime?: RetryTime;
  /** Returns why the job may not be released. Called only if its handler asked for that. */
  readonly releaseError?: () => Error | undefined;
}

/** Decides the outcome of an attempt. */
export function decideOutcome(end: AttemptEnd): JobOutcome {
  if (end.aborted instanceof LeaseLostError) return { kind: 'abandoned' };
  if (end.aborted instanceof JobCancelledError && (end.error || end.verdict)) {
    return { kind: 'cancelled', error: end.aborted, hasRun: true };
  }
  if (end.verdict?.kind === 'fail') return { kind: 'failed', error: end.verdict.error };
  if (end.error instanceof UnrecoverableError) return { kind: 'failed', error: end.error };
  if (end.verdict?.kind === 'release') {
    const error = end.releaseError?.();
    return error ? { kind: 'failed', error } : { ...end.verdict, kind: 'released' };
  }
  if (!end.error) return { kind: 'completed' };
  // A handler that throws because the worker stops has not failed.
  if (end.aborted instanceof WorkerShutdownError) return { kind: 'requeued' };
  if (end.attempt >= end.maxTries) return { kind: 'failed', error: end.error };
  const left = end.retryTime?.left ?? Number.POSITIVE_INFINITY;
  if (left < 0) return { kind: 'failed', error: end.error };
  const delay = end.pause();
  // A storage rounds a pause up to milliseconds.
  return Math.ceil(delay * 1000) > left
    ? { kind: 'failed', error: end.error }
    : { kind: 'retrying', error: end.error, delay };
}

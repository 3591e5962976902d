import type { Settlement } from '../drivers/queue-driver.interface.js';
import type { Verdict } from '../job/job-control.js';
import { LeaseLostError, WorkerShutdownError } from '../queue.errors.js';
import { errorMessage } from '../support/error-text.js';

/** What an attempt can come to. */
export type JobOutcome =
  | { readonly kind: 'completed' }
  | { readonly kind: 'retrying'; readonly error: Error; readonly delay: number }
  | { readonly kind: 'failed'; readonly error: Error }
  /** The handler asked for it. */
  | { readonly kind: 'released'; readonly delay: number }
  /** The worker stops and waits no longer. */
  | { readonly kind: 'requeued' }
  /** Nobody here knows the job's name. */
  | { readonly kind: 'unknown'; readonly error: Error; readonly delay: number }
  /** The job is not held any more: nothing that is said of it counts. */
  | { readonly kind: 'abandoned' };

/** How an attempt ended. */
export interface AttemptEnd {
  /** What it threw. */
  readonly error?: Error;
  /** What the handler asked for. */
  readonly verdict?: Verdict;
  /** Why its signal was aborted. */
  readonly aborted?: Error;
  readonly attempt: number;
  readonly maxTries: number;
  /** The pause before the next attempt, in seconds, should there be one. */
  readonly pause: () => number;
}

/** Decides what becomes of a job whose attempt has ended. */
export function decideOutcome(end: AttemptEnd): JobOutcome {
  if (end.aborted instanceof LeaseLostError) return { kind: 'abandoned' };
  if (end.verdict?.kind === 'fail') return { kind: 'failed', error: end.verdict.error };
  if (end.verdict?.kind === 'release') return { kind: 'released', delay: end.verdict.delay };
  if (!end.error) return { kind: 'completed' };
  // What a handler throws because it was told to stop is no failure of the job.
  if (end.aborted instanceof WorkerShutdownError) return { kind: 'requeued' };
  if (end.attempt >= end.maxTries) return { kind: 'failed', error: end.error };
  return { kind: 'retrying', error: end.error, delay: end.pause() };
}

/** What the storage is told of an outcome; nothing of a job that is not held any more. */
export function toSettlement(id: string, fence: number, outcome: JobOutcome): Settlement | undefined {
  switch (outcome.kind) {
    case 'completed':
      return { kind: 'complete', id, fence };
    case 'retrying':
      return { kind: 'retry', id, fence, delay: outcome.delay, error: errorMessage(outcome.error) };
    case 'failed':
      return { kind: 'fail', id, fence, error: errorMessage(outcome.error) };
    case 'released':
      return { kind: 'release', id, fence, delay: outcome.delay, position: 'back' };
    case 'requeued':
      return { kind: 'release', id, fence, delay: 0, position: 'front' };
    case 'unknown':
      return { kind: 'release', id, fence, delay: outcome.delay, position: 'back', unknown: true };
    case 'abandoned':
      return undefined;
  }
}

import type { ChunkItem } from '../job/chunk-item.interface.js';
import type { ReleaseOptions } from '../job/hold.js';
import type { JobContext, JobControl } from '../job/job-context.js';
import type { Duration } from '../support/duration.js';
import { toError } from '../support/error-text.js';

/** A decision that is no request to the context of the job. */
type Decision =
  { readonly kind: 'complete'; readonly result: unknown } | { readonly kind: 'retry'; readonly error: Error };

/** The end of an item in its call: its result, or the error of its attempt. */
export type ItemEnd = { readonly result: unknown } | { readonly error: Error };

/** Returns the end of an item when its call has ended, with an error or without one. */
export let endOf: (item: DecidedItem, error: Error | undefined) => ItemEnd;

/**
 * An item as `handleChunk` gets it. The last decision counts. `fail` and `release` are requests to the context of the job, which the
 * handler may also make there; the other decisions take such a request back.
 */
export class DecidedItem implements ChunkItem<unknown, unknown> {
  static {
    endOf = (item, error) => {
      // A request that is there was made after the other decision.
      if (item.#control.verdict) return { result: undefined };
      const decision = item.#decision;
      if (decision?.kind === 'complete') return { result: decision.result };
      const reason = decision?.error ?? error;
      return reason ? { error: reason } : { result: undefined };
    };
  }

  readonly data: unknown;
  readonly job: JobContext;
  readonly #control: JobControl;
  #decision: Decision | undefined;

  constructor(job: JobContext, control: JobControl) {
    this.data = job.data;
    this.job = job;
    this.#control = control;
  }

  complete(result?: unknown): void {
    this.#decide({ kind: 'complete', result });
  }

  retry(error: unknown): void {
    this.#decide({ kind: 'retry', error: toError(error) });
  }

  fail(error: unknown): void {
    this.job.fail(error);
  }

  release(delay: Duration = 0, options: ReleaseOptions = {}): void {
    this.job.release(delay, options);
  }

  #decide(decision: Decision): void {
    this.#decision = decision;
    this.#control.verdict = undefined;
  }
}

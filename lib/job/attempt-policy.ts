import { TooManyReleasesError } from '../queue.errors.js';
import type { ResolvedJobDefaults } from '../queue.options.js';
import type { RecordOptions } from './job-record.js';
import type { BackoffFunction, CheckedBackoff } from './backoff.js';
import type { OwnAttemptOptions } from './job-options.js';
import { pauseOf, retryPause, spreadPause } from './retry-policy.js';

/** The methods by which a job decides about its own attempts; `undefined` if the job has no such method. */
export interface OwnPolicy {
  maxTries(): number | undefined;
  /** Seconds. */
  retryDelay(): number | undefined;
}

/** The options that a run of the worker may set for all its jobs. */
export type RunPolicy = Partial<Pick<ResolvedJobDefaults, 'maxTries' | 'timeout'>>;

/**
 * Decides how often a job is tried, how long, and after which pause. The first of these that sets a value decides:
 *
 * 1. the options of the push;
 * 2. the job itself, with `getMaxTries()` and `getRetryDelay()`;
 * 3. `@Job()`;
 * 4. the options of the run;
 * 5. the module's option `jobs`.
 */
export class AttemptPolicy {
  private readonly defaults: ResolvedJobDefaults;

  constructor(module: ResolvedJobDefaults, { maxTries = module.maxTries, timeout = module.timeout }: RunPolicy = {}) {
    this.defaults = { ...module, maxTries, timeout };
  }

  /** @param own the job itself, once it was made; an error of its method is passed on to the caller */
  maxTries(push: RecordOptions, jobClass?: OwnAttemptOptions, own?: OwnPolicy): number {
    return push.maxTries ?? own?.maxTries() ?? jobClass?.maxTries ?? this.defaults.maxTries;
  }

  /** Returns how many workers a job may cost before it fails as poison. */
  maxCrashes(push: RecordOptions, jobClass?: OwnAttemptOptions): number {
    return push.maxCrashes ?? jobClass?.maxCrashes ?? this.defaults.maxCrashes;
  }

  /** Returns the error of a job that may not be released again; `undefined` if it may. */
  releaseError(
    { id, releases = 0 }: { readonly id: string; readonly releases?: number },
    push: RecordOptions,
    jobClass?: OwnAttemptOptions,
  ): TooManyReleasesError | undefined {
    const most = push.maxReleases ?? jobClass?.maxReleases ?? this.defaults.maxReleases;
    return most !== undefined && releases >= most ? new TooManyReleasesError(id, releases) : undefined;
  }

  /** Returns how long one attempt may take, in seconds; 0 for no limit. */
  timeout(push: RecordOptions, jobClass: OwnAttemptOptions): number {
    return push.timeout ?? jobClass.timeout ?? this.defaults.timeout;
  }

  /** Returns how the pauses grow. A function decides about them by itself. */
  backoff(push: RecordOptions, jobClass?: OwnAttemptOptions): CheckedBackoff | BackoffFunction {
    return push.backoff ?? jobClass?.backoff ?? this.defaults.backoff;
  }

  /**
   * Returns the pause after a failed attempt, in seconds; in the place of a function that of exponential backoff.
   *
   * @param attempt the number of the failed attempt, from 1
   * @param ownDelay the answer of the job's `getRetryDelay()`
   */
  pause(attempt: number, push: RecordOptions, jobClass?: OwnAttemptOptions, ownDelay?: number): number {
    const backoff = this.backoff(push, jobClass);
    const delay = push.retryDelay ?? ownDelay ?? jobClass?.retryDelay ?? this.defaults.retryDelay;
    const spread = Math.random();
    const maxRetryDelay = push.maxRetryDelay ?? jobClass?.maxRetryDelay ?? this.defaults.maxRetryDelay;
    const retryJitter = push.retryJitter ?? jobClass?.retryJitter ?? this.defaults.retryJitter;
    if (backoff === 'fixed') return spreadPause(delay, retryJitter, spread);
    if (typeof backoff === 'object') return spreadPause(pauseOf(backoff, attempt), retryJitter, spread);
    return retryPause(attempt, delay, { maxRetryDelay, retryJitter }, spread);
  }
}

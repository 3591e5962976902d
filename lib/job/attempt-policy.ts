import { InvalidOptionError, TooManyReleasesError } from '../queue.errors.js';
import type { ResolvedJobDefaults } from '../queue.options.js';
import type { RecordOptions } from './job-record.js';
import type { BackoffFunction, CheckedBackoff } from './backoff.js';
import type { OwnAttemptOptions } from './job-options.js';
import { dueAt, type TimedJob } from './due-at.js';
import { RetryTime } from './retry-time.js';
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
  /** For how many seconds a job is tried again if neither its push nor its class says it. */
  readonly retryFor: number | undefined;
  private readonly defaults: ResolvedJobDefaults;

  constructor(module: ResolvedJobDefaults, { maxTries = module.maxTries, timeout = module.timeout }: RunPolicy = {}) {
    this.defaults = { ...module, maxTries, timeout };
    this.retryFor = module.retryFor;
  }

  /**
   * @param own the job itself, once it was made; an error of its method is passed on to the caller
   * @throws InvalidOptionError if the tries have no end: neither a number nor a time
   */
  maxTries(push: RecordOptions, jobClass?: OwnAttemptOptions, own?: OwnPolicy): number {
    const tries = push.maxTries ?? own?.maxTries() ?? jobClass?.maxTries ?? this.defaults.maxTries;
    if (tries === Number.POSITIVE_INFINITY && (push.retryFor ?? jobClass?.retryFor ?? this.retryFor) === undefined)
      throw new InvalidOptionError('maxTries', 'a number, or Infinity beside "retryFor"', tries);
    return tries;
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
   * @param spread a number in [0, 1)
   */
  pause(
    attempt: number,
    push: RecordOptions,
    jobClass?: OwnAttemptOptions,
    ownDelay?: number,
    spread = Math.random(),
  ): number {
    const backoff = this.backoff(push, jobClass);
    const delay = push.retryDelay ?? ownDelay ?? jobClass?.retryDelay ?? this.defaults.retryDelay;
    const maxRetryDelay = push.maxRetryDelay ?? jobClass?.maxRetryDelay ?? this.defaults.maxRetryDelay;
    const retryJitter = push.retryJitter ?? jobClass?.retryJitter ?? this.defaults.retryJitter;
    if (backoff === 'fixed') return spreadPause(delay, retryJitter, spread);
    if (typeof backoff === 'object') return spreadPause(pauseOf(backoff, attempt), retryJitter, spread);
    return retryPause(attempt, delay, { maxRetryDelay, retryJitter }, spread);
  }

  /**
   * Returns the time that a job has for its tries; `undefined` if only their number counts.
   *
   * @param now reads the clock of the storage, in milliseconds
   * @param asksJob true if the job decides about its pauses, with `getRetryDelay()`
   */
  retryTime(
    job: TimedJob & { readonly attempt: number },
    push: RecordOptions,
    jobClass: OwnAttemptOptions | undefined,
    now: () => number,
    asksJob = false,
  ): RetryTime | undefined {
    const seconds = push.retryFor ?? jobClass?.retryFor ?? this.retryFor;
    if (seconds === undefined) return undefined;
    const shortest = (): number => Math.ceil(this.shortestPause(job.attempt, push, jobClass, asksJob) * 1000);
    return new RetryTime(dueAt(job, push) + seconds * 1000, now, shortest);
  }

  /** Returns the shortest pause that may follow an attempt, in seconds; 0 if that is not known before. */
  private shortestPause(
    attempt: number,
    push: RecordOptions,
    jobClass: OwnAttemptOptions | undefined,
    asksJob: boolean,
  ) {
    const backoff = this.backoff(push, jobClass);
    if (typeof backoff === 'function') return 0;
    if (typeof backoff === 'string' && asksJob && push.retryDelay === undefined) return 0;
    const [one, other] = [0, 1].map((spread) => this.pause(attempt, push, jobClass, undefined, spread));
    return Math.min(one!, other!);
  }
}

import type { Duration } from '../support/duration.js';
import { AttemptInfo, readReleaseDelay, type AttemptFacts } from './attempt-info.js';
import type { JobControl } from './job-control.js';

/**
 * Tells a job about its attempt, and takes its wishes.
 *
 * It is the second argument of `handle`, and the request of request-scoped jobs (`@Inject(REQUEST)`).
 */
export class JobContext extends AttemptInfo {
  readonly #control: JobControl;

  constructor(facts: AttemptFacts, control: JobControl) {
    super(facts);
    this.#control = control;
  }

  /** How many attempts the job gets in all. */
  get maxTries(): number {
    return this.#control.maxTries;
  }

  /** Aborted when the attempt times out, when the worker stops before the attempt has ended, or when its lease was lost. */
  get signal(): AbortSignal {
    return this.#control.signal;
  }

  /**
   * Releases the job when this attempt ends, whether `handle` returns or throws. The attempt is not counted.
   *
   * @param delay how long to wait before the job may run again. Default: 0
   * @throws {@link InvalidDelayError}
   */
  release(delay: Duration = 0): void {
    this.#control.release(readReleaseDelay(delay));
  }

  /** Fails the job when this attempt ends, whether `handle` returns or throws: no more tries, and `failed()` is called. */
  fail(error: unknown): void {
    this.#control.fail(error);
  }
}

import { InvalidDelayError } from '../queue.errors.js';
import { DURATION_EXPECTED, toSeconds, type Duration } from '../support/duration.js';
import type { JobControl } from './job-control.js';

/** The facts of one attempt. */
export interface AttemptFacts {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  readonly attempt: number;
  readonly fence: number;
  /** Milliseconds since the Unix epoch. */
  readonly pushedAt: number;
}

/**
 * What a job is told of the attempt it is in, and what it may ask for.
 *
 * It is the second argument of `handle`, and the request of request-scoped jobs (`@Inject(REQUEST)`).
 */
export class JobContext {
  /** The job's id: the same in each attempt, so a key for handlers that must not act twice. */
  readonly id: string;
  /** The name of the job's class, as registered. */
  readonly name: string;
  readonly queue: string;
  /** The number of this attempt, from 1. Attempts that were put back, or whose worker was lost, do not count. */
  readonly attempt: number;
  /**
   * A number that grows each time a job of the queue is handed out. Store it with what the job writes, and refuse
   * writes with a smaller one: then a worker that was thought dead cannot overwrite its successor.
   */
  readonly fence: number;

  readonly #pushedAt: number;
  readonly #control: JobControl;

  constructor(facts: AttemptFacts, control: JobControl) {
    this.id = facts.id;
    this.name = facts.name;
    this.queue = facts.queue;
    this.attempt = facts.attempt;
    this.fence = facts.fence;
    this.#pushedAt = facts.pushedAt;
    this.#control = control;
  }

  /** How many attempts the job gets in all. */
  get maxTries(): number {
    return this.#control.maxTries;
  }

  /** When the job was pushed, on the storage's clock. */
  get pushedAt(): Date {
    return new Date(this.#pushedAt);
  }

  /** Aborted when the attempt times out, the worker shuts down and waits no longer, or the job is not held any more. */
  get signal(): AbortSignal {
    return this.#control.signal;
  }

  /**
   * Puts the job back when this attempt ends, whatever it returns or throws; the attempt is not counted.
   *
   * @param delay how long to wait before it may run again. Default: 0
   * @throws {@link InvalidDelayError}
   */
  release(delay: Duration = 0): void {
    const seconds = toSeconds(delay);
    if (seconds === undefined) throw new InvalidDelayError('delay', DURATION_EXPECTED, delay);
    this.#control.release(seconds);
  }

  /** Fails the job when this attempt ends, whatever it returns or throws: no more tries, `failed()` is called. */
  fail(error: unknown): void {
    this.#control.fail(error);
  }
}

import { InvalidDelayError } from '../queue.errors.js';
import { DURATION_EXPECTED, toSeconds, type Duration } from '../support/duration.js';

/** The facts of one attempt, as the storage and the record of the job tell them. */
export interface AttemptFacts {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  readonly attempt: number;
  readonly fence: number;
  /** Milliseconds since the Unix epoch. */
  readonly pushedAt: number;
}

/** The view of one attempt that applications get, of a job that a worker runs and of a popped job alike. */
export abstract class AttemptInfo {
  /** The job's id: the same in each attempt, so a key for handlers that must not act twice. */
  readonly id: string;
  /** The name of the job's class, as registered. */
  readonly name: string;
  readonly queue: string;
  /** The number of this attempt, from 1. Attempts that were released or requeued, or whose worker was lost, do not count. */
  readonly attempt: number;
  /**
   * The fencing token: a number that grows each time a job of the queue is claimed. Store it with the results of the job,
   * and refuse writes with a smaller one: then a worker that was thought dead cannot overwrite its successor.
   */
  readonly fence: number;
  /** How many attempts the job gets in all. */
  abstract readonly maxTries: number;

  readonly #pushedAt: number;

  constructor(facts: AttemptFacts) {
    this.id = facts.id;
    this.name = facts.name;
    this.queue = facts.queue;
    this.attempt = facts.attempt;
    this.fence = facts.fence;
    this.#pushedAt = facts.pushedAt;
  }

  /** When the job was pushed, on the storage's clock. */
  get pushedAt(): Date {
    return new Date(this.#pushedAt);
  }
}

/** Reads the delay of a release, as seconds. @throws InvalidDelayError */
export function readReleaseDelay(delay: Duration): number {
  const seconds = toSeconds(delay);
  if (seconds === undefined) throw new InvalidDelayError('delay', DURATION_EXPECTED, delay);
  return seconds;
}

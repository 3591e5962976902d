import { InvalidDelayError, JobSettledError } from '../queue.errors.js';
import { DURATION_EXPECTED, toSeconds, type Duration } from '../support/duration.js';
import { errorMessage, toError } from '../support/error-text.js';

/** What a popped job is. */
export interface ReservedFacts<Data> {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  readonly data: Data;
  readonly attempt: number;
  readonly maxTries: number;
  readonly fence: number;
  /** Milliseconds since the epoch. */
  readonly pushedAt: number;
}

/** How a popped job ends. */
export type Ending =
  | { readonly kind: 'complete' }
  | { readonly kind: 'fail'; readonly error: string }
  | { readonly kind: 'release'; readonly delay: number; readonly position: 'front' | 'back' };

/** Tells the storage how a job ended, however long it takes; rejects where it could not, and the job is still held. */
export type Settle = (ending: Ending) => Promise<void>;

/** Waits for that, as long as somebody can be expected to. @throws UnknownOutcomeError when it takes longer */
export type InTime = (settling: Promise<void>, id: string) => Promise<void>;

/**
 * A job taken with `QueueManager.pop()`. It is held, and its lease kept alive, until it is settled with
 * {@link complete}, {@link fail} or {@link release}; when the application ends first, it is put back.
 */
export class ReservedJob<Data = unknown> {
  readonly id: string;
  /** The name of the job's class. */
  readonly name: string;
  readonly queue: string;
  /** The data as it was pushed; of a job that carries its data, its properties. */
  readonly data: Data;
  /** The number of this attempt, from 1. */
  readonly attempt: number;
  /** How many attempts the job gets in all, as far as the push, the class's `@Job()` and the module say. */
  readonly maxTries: number;
  /** A number that grows each time a job of the queue is handed out; see `JobContext.fence`. */
  readonly fence: number;

  readonly #pushedAt: number;
  readonly #settle: Settle;
  readonly #inTime: InTime;
  #over: string | undefined;

  /** @internal */
  constructor(facts: ReservedFacts<Data>, settle: Settle, inTime: InTime) {
    this.id = facts.id;
    this.name = facts.name;
    this.queue = facts.queue;
    this.data = facts.data;
    this.attempt = facts.attempt;
    this.maxTries = facts.maxTries;
    this.fence = facts.fence;
    this.#pushedAt = facts.pushedAt;
    this.#settle = settle;
    this.#inTime = inTime;
  }

  /** When the job was pushed, on the storage's clock. */
  get pushedAt(): Date {
    return new Date(this.#pushedAt);
  }

  /**
   * Ends the job: it is done.
   *
   * @throws JobSettledError where it was settled already, or its lease was lost
   * @throws UnknownOutcomeError where no answer came in time: this is sent on, as long as the job is held
   */
  async complete(): Promise<void> {
    await this.end({ kind: 'complete' });
  }

  /**
   * Ends the job for good: its status is `failed`. The class's `failed()` is not called; who pops a job does
   * all of its processing.
   *
   * @throws JobSettledError, UnknownOutcomeError as {@link complete} does
   */
  async fail(error: unknown): Promise<void> {
    await this.end({ kind: 'fail', error: errorMessage(toError(error)) });
  }

  /**
   * Puts the job back; the attempt is not counted.
   *
   * @param delay how long to wait before it may be taken again. Default: 0
   * @throws InvalidDelayError
   * @throws JobSettledError, UnknownOutcomeError as {@link complete} does
   */
  async release(delay: Duration = 0): Promise<void> {
    const seconds = toSeconds(delay);
    if (seconds === undefined) throw new InvalidDelayError('delay', DURATION_EXPECTED, delay);
    await this.end({ kind: 'release', delay: seconds, position: 'back' });
  }

  private async end(ending: Ending): Promise<void> {
    if (this.#over !== undefined) throw new JobSettledError(this.id, this.#over);
    this.#over = 'it was settled already';
    const settling = this.#settle(ending).catch((error: unknown) => {
      // What was not settled may be tried again.
      if (!(error instanceof JobSettledError)) this.#over = undefined;
      throw error;
    });
    await this.#inTime(settling, this.id);
  }
}

import { readReleaseOptions, type Hold, type ReleaseOptions } from '../job/hold.js';
import { AttemptInfo, FACTS, readReleaseDelay, type AttemptFacts, type JobControl } from '../job/job-context.js';
import type { FailureDetails } from '../drivers/queue-retention.interface.js';
import { JobSettledError } from '../queue.errors.js';
import type { Duration } from '../support/duration.js';
import { errorMessage, toError } from '../support/error-text.js';

/** The facts of a popped job. */
export interface ReservedFacts<Data> extends AttemptFacts {
  readonly data: Data;
}

/** The end of a popped job. */
export type Ending =
  | { readonly kind: 'complete'; readonly keep?: number }
  | { readonly kind: 'fail'; readonly error: string; readonly details?: FailureDetails; readonly keep?: number }
  | { readonly kind: 'cancel'; readonly hasRun: boolean; readonly error?: string; readonly hasExpired?: true }
  | {
      readonly kind: 'release';
      readonly delay: number;
      readonly position: 'front' | 'back';
      readonly hasStarted?: boolean;
      /** True if nobody got the job. */
      readonly unstarted?: boolean;
      /** True if this process cannot read it. */
      readonly unknown?: true;
      readonly hold?: Hold;
    };

/**
 * Sends a settlement until it is answered. Rejects if the storage refuses it; then the job is still held.
 *
 * @param error the error of a job that fails
 */
export type Settle = (ending: Ending, error?: Error) => Promise<void>;

/**
 * Rejects the caller after `requestDeadline`; the settlement itself keeps being sent.
 *
 * @throws UnknownOutcomeError
 */
export type InTime = (settling: Promise<void>, id: string) => Promise<void>;

/**
 * A job taken with `QueueManager.pop()`. The application holds it, and the library prolongs its lease, until it is settled with
 * {@link complete}, {@link fail} or {@link release}. If the application ends first, the job is requeued.
 */
export class ReservedJob<Data = unknown> extends AttemptInfo {
  /** The data as it was pushed; the properties of a job that carries its data. */
  readonly data: Data;
  /** How many attempts the job gets in all, by the options of the push, of `@Job()` and of the module. */
  readonly maxTries: number;

  readonly #facts: AttemptFacts;
  readonly #control: JobControl;
  readonly #settle: Settle;
  readonly #inTime: InTime;
  #over: string | undefined;

  /** @internal */
  constructor(facts: ReservedFacts<Data>, control: JobControl, settle: Settle, inTime: InTime) {
    super(facts);
    this.#facts = facts;
    this.data = facts.data;
    this.maxTries = control.maxTries;
    this.#control = control;
    this.#settle = settle;
    this.#inTime = inTime;
  }

  /** @internal */
  override get [FACTS](): AttemptFacts {
    return this.#facts;
  }

  /**
   * Aborted when the job is cancelled, when its lease is lost, or when the application closes before the job is settled. A job
   * that was cancelled may still be completed.
   */
  get signal(): AbortSignal {
    return this.#control.signal;
  }

  /**
   * Completes the job.
   *
   * @throws JobSettledError if it was settled before, or its lease was lost
   * @throws UnknownOutcomeError if no answer came in time: the settlement keeps being sent as long as the job is held
   */
  async complete(): Promise<void> {
    await this.end({ kind: 'complete' });
  }

  /**
   * Fails the job for good: its status is `failed`, or `cancelled` if it was cancelled. The `failed()` of its class is not called,
   * because the caller of `pop()` does all of the processing.
   *
   * @throws JobSettledError, UnknownOutcomeError as {@link complete} does
   */
  async fail(error: unknown): Promise<void> {
    const failure = toError(error);
    await this.end({ kind: 'fail', error: errorMessage(failure) }, failure);
  }

  /**
   * Releases the job. The attempt is not counted. A job that was cancelled ends instead, and one that was released `maxReleases`
   * times already fails, with the message of a `TooManyReleasesError`.
   *
   * @param delay how long to wait before it may be claimed again. Default: 0
   * @param options `hold`: what waits as long as the job does: the other jobs of its queue, or of its group. Default: nothing
   * @throws InvalidDelayError, InvalidOptionError
   * @throws JobSettledError, UnknownOutcomeError as {@link complete} does
   */
  async release(delay: Duration = 0, options: ReleaseOptions = {}): Promise<void> {
    const hold = readReleaseOptions(options);
    await this.end({ kind: 'release', delay: readReleaseDelay(delay), position: 'back', ...hold });
  }

  private async end(ending: Ending, cause?: Error): Promise<void> {
    if (this.#over !== undefined) throw new JobSettledError(this.id, this.#over);
    this.#over = 'it was settled already';
    const settling = this.#settle(ending, cause).catch((error: unknown) => {
      // The application may try again to settle a job that is still held.
      if (!(error instanceof JobSettledError)) this.#over = undefined;
      throw error;
    });
    await this.#inTime(settling, this.id);
  }
}

import { setMaxListeners } from 'node:events';
import { InvalidDelayError, InvalidFlowError } from '../queue.errors.js';
import { DURATION_EXPECTED, toSeconds, type Duration } from '../support/duration.js';
import { toError } from '../support/error-text.js';
import { isFlowOf } from './flow-ref.js';
import { batchOf, type JobBatch } from './job-batch.js';
import { readReleaseOptions, type ReleaseOptions } from './hold.js';
import type { Carried } from './job-context-carrier.interface.js';
import { NO_METADATA, NO_TAGS, type JobLabels } from './job-labels.js';
import type { RetryTime } from './retry-time.js';
import type { AttemptDesk, AttemptDesks } from './attempt-desk.interface.js';

/** The facts in the push of a job about its place among others. */
export interface FactsOfPush {
  readonly group?: string;
  readonly flow?: string;
  readonly previousResult?: string;
  readonly carried?: Carried;
}

/** The facts of one attempt. An attempt has them where it has them anyway: an object for each job takes time. */
export interface AttemptFacts {
  readonly queue: string;
  readonly name: string;
  /** From the storage. */
  readonly job: {
    readonly id: string;
    readonly attempt: number;
    readonly fence: number;
    /** Milliseconds since the Unix epoch. */
    readonly pushedAt: number;
    /** The checkpoint of an earlier attempt, as text. */
    readonly checkpoint?: string;
    /** How often it was released; missing if it has not started before. */
    readonly releases?: number;
  };
  /** From the record of the job. */
  readonly record?: JobLabels & { readonly options?: FactsOfPush };
  /** The time for further attempts, if it is limited. */
  readonly retryTime?: RetryTime;
}

/**
 * The facts of an attempt. They are not part of what applications see.
 *
 * @internal
 */
export const FACTS: unique symbol = Symbol('facts');

/**
 * The view of one attempt that applications get, of a job that a worker runs and of a popped job alike. It has no field
 * of its own, not even a private one: in Node 20 an object whose base class has fields takes several times as long to make.
 */
export abstract class AttemptInfo {
  /** The job's id: the same in each attempt, so a key for handlers that must not act twice. */
  declare readonly id: string;
  /** The name of the job's class, as registered. */
  declare readonly name: string;
  declare readonly queue: string;
  /** The number of this attempt, from 1. Attempts that were released or requeued, or whose worker was lost, do not count. */
  declare readonly attempt: number;
  /**
   * The fencing token: a number that grows each time a job of the queue is claimed. Store it with the results of the job,
   * and refuse writes with a smaller one: then a worker that was thought dead cannot overwrite its successor.
   */
  declare readonly fence: number;
  /** How many attempts the job gets in all; `Infinity` if only their time is limited. */
  abstract readonly maxTries: number;

  /**
   * True if no further attempt follows when this one fails: it is the last one, or the next one would begin after the end of
   * `retryFor`. The second may become true while the attempt runs.
   */
  get isLastTry(): boolean {
    return this.attempt >= this.maxTries || this[FACTS].retryTime?.isLast === true;
  }

  /** @internal */
  protected abstract get [FACTS](): AttemptFacts;

  constructor(facts: AttemptFacts) {
    const { job } = facts;
    this.id = job.id;
    this.name = facts.name;
    this.queue = facts.queue;
    this.attempt = job.attempt;
    this.fence = job.fence;
  }

  /** How often the job was released with `release()`, since its push or since an operator put it back: see `maxReleases`. */
  get releases(): number {
    return this[FACTS].job.releases ?? 0;
  }

  /** What the push gave as `metadata`; empty if it gave none. */
  get metadata(): Readonly<Record<string, string>> {
    return this[FACTS].record?.metadata ?? NO_METADATA;
  }

  /** What the push gave as `tags`, each once; empty if it gave none. */
  get tags(): readonly string[] {
    return this[FACTS].record?.tags ?? NO_TAGS;
  }

  /** The group of the job; `undefined` without one. */
  get group(): string | undefined {
    return this[FACTS].record?.options?.group;
  }

  /** When the job was pushed, on the storage's clock. */
  get pushedAt(): Date {
    return new Date(this[FACTS].job.pushedAt);
  }
}

/** The end of an attempt that its handler asked for through the context. */
export type Verdict =
  | ({ readonly kind: 'release'; readonly delay: number } & ReleaseOptions)
  | { readonly kind: 'fail'; readonly error: Error };

/** The worker's side of a {@link JobContext}: aborts the signal, and keeps the request of the handler. */
export class JobControl {
  /** The reason why the signal was aborted, if it was. Only {@link abort} sets it. */
  aborted: Error | undefined;
  /** The last request of the handler, if it made one. */
  verdict: Verdict | undefined;
  /** Opens {@link desk}. Without it nothing is stored of what the job tells. */
  desks: AttemptDesks | undefined;
  /** Takes what the job tells; made when it tells something for the first time. */
  desk: AttemptDesk | undefined;
  private controller: AbortController | undefined;

  /** @param maxTries the value of `context.maxTries`; it may change when the record is read, and when the job is made */
  constructor(public maxTries: number) {}

  /** Created at the first access, because most handlers never read it. */
  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      // Handlers hand it on to any number of calls: that is no leak.
      setMaxListeners(0, this.controller.signal);
      if (this.aborted) this.controller.abort(this.aborted);
    }
    return this.controller.signal;
  }

  /** Aborts the signal. Only the first reason counts. */
  abort(reason: Error): void {
    if (this.aborted) return;
    this.aborted = reason;
    this.controller?.abort(reason);
  }

  release(delay: number, options?: ReleaseOptions): void {
    this.verdict = { kind: 'release', delay, ...options };
  }

  fail(error: unknown): void {
    this.verdict = { kind: 'fail', error: toError(error) };
  }
}

/** Sets the data of a context when pipes have replaced it. */
export let replaceData: (context: JobContext, data: unknown) => void;

/**
 * Gives a job the facts of its attempt, and takes its request to release or to fail.
 *
 * It is the second argument of `handle`, and the request of request-scoped jobs (`@Inject(REQUEST)`).
 */
export class JobContext<Data = unknown, Checkpoint = unknown> extends AttemptInfo {
  static {
    replaceData = (context, data) => {
      context.#data = data;
    };
  }

  /** One private field is made faster than one for each fact. */
  readonly #facts: AttemptFacts;
  readonly #control: JobControl;
  #data: unknown;

  constructor(facts: AttemptFacts, control: JobControl, data?: unknown) {
    super(facts);
    this.#facts = facts;
    this.#control = control;
    this.#data = data;
  }

  /** @internal */
  override get [FACTS](): AttemptFacts {
    return this.#facts;
  }

  /**
   * The data of the job as `handle` gets it: the same value, also after pipes have replaced it. For a job that carries its data it
   * is an object with the stored properties.
   */
  get data(): Data {
    return this.#data as Data;
  }

  /** How many attempts the job gets in all. */
  get maxTries(): number {
    return this.#control.maxTries;
  }

  /**
   * Aborted when the job is cancelled, when the attempt times out, when the worker stops before the attempt has ended, or when its
   * lease was lost.
   */
  get signal(): AbortSignal {
    return this.#control.signal;
  }

  /**
   * Tells how far the job is: `getJobStatus(id).progress` and the event `progress` tell it on. It is stored at most ten times
   * a second; of what is told in between, the last value counts. The last value of all is stored with the end of the attempt.
   *
   * @param value a number from 0 to 100; or any value that JSON can hold, of at most 4 kB
   * @returns a promise that is never rejected, and that resolves within a tenth of a second
   * @throws {@link InvalidOptionError} at once
   */
  progress(value: unknown): Promise<void> {
    return deskOf(this, this.#control)?.progress(value) ?? Promise.resolve();
  }

  /**
   * Adds a line to the log of the job: `admin.job(id)` tells its last 100 lines, those of earlier attempts too. Lines are stored
   * together, within a tenth of a second, at the latest with the end of the attempt.
   *
   * @param line what is longer than 4 kB is cut
   * @returns a promise that is resolved: nobody waits for the storage
   * @throws {@link InvalidOptionError} at once if it is no text
   */
  log(line: string): Promise<void> {
    deskOf(this, this.#control)?.log(line);
    return Promise.resolve();
  }

  /**
   * What an earlier attempt stored last with {@link checkpoint}; `undefined` if none did. It stays the same during the attempt.
   *
   * @throws {@link CorruptJobError} if it is not readable
   */
  get checkpointed(): Checkpoint | undefined {
    const text = this.#facts.job.checkpoint;
    return text === undefined
      ? undefined
      : (this.#control.desks?.readCheckpoint(this.id, text) as Checkpoint | undefined);
  }

  /**
   * What the job before it in its chain returned; `undefined` for the first job of a chain, for a job that is in no chain, and if that result could
   * not be kept. It is the same in each attempt.
   *
   * @throws {@link CorruptJobError} if it is not readable
   */
  get previousResult(): unknown {
    const text = this.#facts.record?.options?.previousResult;
    return text === undefined ? undefined : this.#control.desks?.readResult(this.id, text);
  }

  /**
   * Reads what another job of the same workflow returned; `undefined` if it has not completed, if it returned nothing, or if its result could not be
   * kept. Results are kept as long as the workflow.
   *
   * @param name the name of its node
   * @throws {@link InvalidFlowError} if this job is in no workflow
   * @throws {@link QueueConnectionError}, {@link CorruptJobError}
   */
  async resultOf<Result = unknown>(name: string): Promise<Result> {
    const ref = this.#facts.record?.options?.flow;
    if (!isFlowOf('workflow', ref)) throw InvalidFlowError.noMember(this.id, 'workflow');
    return (await this.#control.desks?.resultOf(this.id, ref, name)) as Result;
  }

  /** The batch of the job; `undefined` if it is in none. */
  get batch(): JobBatch | undefined {
    return batchOf(this.id, this.#facts.record?.options?.flow, this.#control.desks);
  }

  /**
   * Stores what the next attempt gets as {@link checkpointed}: after a retry, a release, a stop of the worker, and a crash. It is
   * gone when the job has ended. If the storage is away, the call waits for it.
   *
   * @param value with the serializer and the size limit of the data
   * @returns a promise that resolves when it is stored
   * @throws {@link InvalidOptionError} at once if the value cannot be stored
   * @throws {@link LeaseLostError} if another worker may run the job
   */
  checkpoint(value: Checkpoint): Promise<void> {
    return deskOf(this, this.#control)?.checkpoint(value) ?? Promise.resolve();
  }

  /**
   * Releases the job when this attempt ends, whether `handle` returns or throws. The attempt is not counted. A job that was
   * released `maxReleases` times already fails instead, with {@link TooManyReleasesError}.
   *
   * @param delay how long to wait before the job may run again. Default: 0
   * @param options `hold`: what waits as long as the job does: the other jobs of its queue, or of its group. Default: nothing
   * @throws {@link InvalidDelayError}, {@link InvalidOptionError}
   */
  release(delay: Duration = 0, options: ReleaseOptions = {}): void {
    this.#control.release(readReleaseDelay(delay), readReleaseOptions(options));
  }

  /** Fails the job when this attempt ends, whether `handle` returns or throws: no more tries, and `failed()` is called. */
  fail(error: unknown): void {
    this.#control.fail(error);
  }
}

function deskOf(context: JobContext, control: JobControl): AttemptDesk | undefined {
  if (control.desk || !control.desks) return control.desk;
  const { id, name, queue, attempt, fence } = context;
  const { metadata, tags, options } = context[FACTS].record ?? {};
  const telling = { id, name, queue, attempt, fence, metadata, tags, carried: options?.carried };
  return (control.desk = control.desks.open(telling));
}

/** Reads the delay of a release, as seconds. @throws InvalidDelayError */
export function readReleaseDelay(delay: Duration): number {
  const seconds = toSeconds(delay);
  if (seconds === undefined) throw new InvalidDelayError('delay', DURATION_EXPECTED, delay);
  return seconds;
}

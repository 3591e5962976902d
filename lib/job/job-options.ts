import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Duration } from '../support/duration.js';
import type { Backoff, BackoffFunction, CheckedBackoff } from './backoff.js';
import type { CheckedChunk, ChunkOptions } from './chunk-options.js';
import type { RecordOptions } from './job-record.js';
import type { CheckedDebounce, DebounceOptions, PushDebounceOptions } from './debounce-options.js';
import type { CheckedPayloadOptions, ValidateOption } from './payload-options.js';
import type { PushUniqueOptions, UniqueOptions, CheckedUnique } from './unique-options.js';
import type { JobRetention } from './job-retention.js';
import type { JobMiddleware, MiddlewareType } from './middleware.interface.js';

/** How attempts are made and repeated. Each option can be set for one push, for a class, and for all jobs. */
export interface AttemptOptions {
  /** How many attempts a job gets in all; at least 1. `Infinity` is taken where `retryFor` sets an end. Default: 3. */
  maxTries?: number;
  /**
   * The job fails when so many workers were lost while they held it; at least 1: then it never runs again after a crash. Default: 3.
   */
  maxCrashes?: number;
  /**
   * How often a job may be released, with `job.release()`; a further release fails it with `TooManyReleasesError`. With 0 the first
   * one does. Default: no limit.
   */
  maxReleases?: number;
  /** How the pauses between attempts grow. Default: `exponential`. */
  backoff?: Backoff;
  /** The pause before the first repetition; with exponential backoff it doubles with each further one. Default: 60 s. */
  retryDelay?: Duration;
  /** The longest pause of exponential backoff. Default: 1 h. */
  maxRetryDelay?: Duration;
  /** The largest random addition to a pause, as a share of it: with 0.1 a pause is up to a tenth longer. Default: 0.1. */
  retryJitter?: number;
  /** How long one attempt may take. After that `context.signal` is aborted, and the attempt has failed. Default: no limit. */
  timeout?: Duration;
}

/** How attempts of a class or of a definition are made and repeated. */
export interface HandlerAttemptOptions extends Omit<AttemptOptions, 'backoff'> {
  /** How the pauses between attempts grow, or a function that returns each pause. Default: `exponential`. */
  backoff?: Backoff | BackoffFunction;
}

/** The options that a class may give beside its definition: those that a worker reads. They beat those of the definition. */
export interface JobHandlerOptions extends HandlerAttemptOptions {
  /** Collects waiting jobs for one call of `handleChunk`, which the class has in place of `handle`. */
  chunk?: ChunkOptions;
  /**
   * Runs around each attempt, inside of the module's middleware; the first one is the outermost. Classes are providers, or are made as
   * guards are. Default: none.
   */
  middleware?: readonly MiddlewareType<JobMiddleware>[];
  /**
   * Lifts stored data of an older version to that of the class, before it is checked; it may return a promise. Called once, whatever the
   * versions between. Beside `version`. Default: older data is taken as it is.
   */
  // oxlint-disable-next-line typescript/no-explicit-any -- what was stored long ago
  upgrade?: (data: any, from: number) => unknown;
}

/** The options of `@Job()`. `Data` is the data of the job; for a class that carries its data the class itself. */
// oxlint-disable-next-line typescript/no-explicit-any -- any data, where it does not matter
export interface JobOptions<Data = any> extends JobHandlerOptions {
  /** The name under which the job is stored. Default: the class name. Keep it when you rename a class that has jobs waiting. */
  name?: string;
  /** The queue of the job. Default: the module's default queue. */
  queue?: string;
  /**
   * Keeps what `handle` returns: `getJobStatus(id).result`. `true` keeps it as long as the status; a duration, of at least 1 s,
   * keeps both for this time if it is longer than the status time. Default: the result is not kept.
   */
  keepResult?: true | Duration;
  /**
   * Within this time the job has to start; of a delayed job from when it is due. If it has not, it ends as `cancelled`, with the error
   * `expired`, when its turn comes: nothing of it is called. A job that has started once does not expire. Default: no limit.
   */
  expiresIn?: Duration;
  /**
   * How long a failing job is tried again, from when it was first due, beside `maxTries`: whichever ends first. If the next try would
   * begin later, the job fails. Default: no limit.
   */
  retryFor?: Duration;
  /** How long ended jobs are kept. Default: the retention of the queue. */
  retention?: JobRetention;
  /** A whole number from -1000 to 1000: ready jobs with a higher one are run first, those with a group within their group. Default: 0. */
  priority?: number;
  /**
   * The group of a job, such as its customer: the groups of a queue are served in turn. 1 to 256 characters without control characters; or a
   * function that makes it of the data, `undefined` for none. Default: none.
   */
  group?: string | ((data: Data) => string | undefined);
  /**
   * While a job with the same key waits or runs, a push adds nothing. `true`: jobs with the same data are the same job.
   * Default: each push is a job of its own.
   */
  unique?: true | UniqueOptions<Data>;
  /**
   * Puts pushes together: while a job with the same key waits for its first start, a push replaces its data and options, and puts it
   * off. Not beside `unique`. Default: each push is a job of its own.
   */
  debounce?: DebounceOptions<Data>;
  /**
   * Checks the data at the push and before `handle`: a schema of zod, valibot, arktype or another library of the Standard Schema
   * specification, or `classSchema(Dto)`. `handle` gets its output; the input is stored. A schema that transforms needs `defineJob()`.
   * Default: nothing is checked.
   */
  schema?: StandardSchemaV1<Data, Data>;
  /** When the data is checked. Default: `both`. */
  validate?: ValidateOption;
  /** The version of the data, from 1. Jobs of a newer version than a process knows are put back. Default: 1. */
  version?: number;
}

/** {@link HandlerAttemptOptions}, checked; durations in seconds. */
export interface OwnAttemptOptions extends Omit<
  RecordOptions,
  'backoff' | 'group' | 'carried' | 'version' | 'source' | 'marks'
> {
  readonly backoff?: CheckedBackoff | BackoffFunction;
}

/** The group of a job, or a function that makes it of the data. */
export type CheckedGroup = string | ((data: unknown) => unknown);

/** The options of a job class or of a definition, checked; durations in seconds. */
export interface CheckedJobOptions extends OwnAttemptOptions, CheckedPayloadOptions {
  readonly queue?: string;
  readonly priority?: number;
  readonly group?: CheckedGroup;
  readonly unique?: CheckedUnique;
  readonly debounce?: CheckedDebounce;
  readonly chunk?: CheckedChunk;
  readonly middleware?: readonly MiddlewareType<JobMiddleware>[];
}

/** The options of a push. They take the place of a queue name. */
export interface PushOptions extends AttemptOptions {
  /** The queue; default: that of the job's class, else the module's default queue. */
  queue?: string;
  /** How long to wait before the job may run, or the `Date` from which it may run. Default: 0. */
  delay?: Duration | Date;
  /**
   * The job's id: 1 to 256 characters without white space, control characters, `{` and `}`, not beginning with `~`. The push adds
   * nothing if this job is stored in this queue, or if its status is still kept. If the id belongs to a job of another name or
   * in another queue, the push is refused. Default: a new id; such ids sort by time.
   */
  id?: string;
  /**
   * While a job with the same key waits or runs, this push adds nothing; see `@Job({ unique })`, which it beats option by option.
   * `true` beside `id`: the id is the key. It is taken only while its job lives; if that job has ended, this push removes its status.
   */
  unique?: true | PushUniqueOptions;
  /** Puts this push together with others; see `@Job({ debounce })`, which it beats option by option. Not beside `delay`, `id`, `unique`. */
  debounce?: PushDebounceOptions;
  /** Within this time the job has to start, from when it is due; see `@Job({ expiresIn })`. */
  expiresIn?: Duration;
  /** How long the job is tried again, from when it is first due; see `@Job({ retryFor })`. */
  retryFor?: Duration;
  /** Keeps what `handle` returns; see `@Job({ keepResult })`. */
  keepResult?: true | Duration;
  /** How long the job is kept once it has ended. Default: as `@Job({ retention })` says, else the retention of the queue. */
  retention?: JobRetention;
  /** A whole number from -1000 to 1000: ready jobs with a higher one are run first. Default: that of the class, else 0. */
  priority?: number;
  /** The group of the job; see `@Job({ group })`, which it beats. */
  group?: string;
  /**
   * Facts about the job for its handler and for the application, as `job.metadata`: texts by name, at most 4,096 bytes as JSON.
   * They are no data: no handler takes them as an argument.
   */
  metadata?: Record<string, string>;
  /** Words by which the job can be found, as `job.tags`; at most 4,096 bytes as JSON. */
  tags?: readonly string[];
  /**
   * True to store the job when the transaction is committed in which it is pushed; without a transaction it is stored at once. The module
   * has to have the option `transactions`. Default: the module's option `afterCommit`.
   */
  afterCommit?: boolean;
}

/** The options of a bulk push. They take the place of a queue name. */
export type PushManyOptions = Omit<PushOptions, 'id'>;

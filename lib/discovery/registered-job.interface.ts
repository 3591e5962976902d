import type { ChunkContext } from '../job/chunk-context.js';
import type { ChunkItem } from '../job/chunk-item.interface.js';
import type { AnyJobDefinition } from '../job/job-definition.js';
import type { JobContext, JobControl } from '../job/job-context.js';
import type { JobClass } from '../job/job.interface.js';
import type { CheckedJobOptions } from '../job/job-options.js';
import type { JobForm } from '../job/job-record.js';

/** A job class as this process knows it. */
export interface RegisteredJob {
  readonly name: string;
  readonly jobClass: JobClass;
  /** The options of `@Job()`, checked; durations in seconds. */
  readonly options: RegisteredJobOptions;
  /** The definition that the class handles; missing if its `@Job()` names none. */
  readonly definition?: AnyJobDefinition;
  /** True if data may be pushed beside the class; false if the class takes its data in its constructor. */
  readonly takesData: boolean;

  /**
   * Checks that the jobs of the class can run in this process.
   *
   * @throws InvalidJobError if the class, or a guard or the like of it, has a dependency without a provider
   */
  check?(): void;

  /**
   * Makes one attempt ready to run: finds or creates the instance, with the context as its request if it is
   * request-scoped. Returns no promise if there is nothing to wait for.
   *
   * @param seat the place of the attempt in a call that it shares with others, for a class with the option `chunk`
   * @throws InvalidJobError if the class does not allow this form, or the data is of the wrong kind
   */
  prepare(form: JobForm, data: unknown, context: JobContext, seat?: ChunkSeat): PreparedJob | Promise<PreparedJob>;

  /**
   * Reads the data that an instance carries: its own properties without the injected ones.
   *
   * @throws InvalidJobError if the class takes dependencies in its constructor
   */
  dehydrate(instance: object): Record<string, unknown>;
}

/** Runs `handleChunk`. */
export type HandleChunk = (items: readonly ChunkItem[], chunk: ChunkContext) => unknown;

/** The place of one attempt in a call of `handleChunk`. */
export interface ChunkSeat {
  readonly call: ChunkCallParts;
  /** Takes the seat: the data of the job is known. */
  sit(context: JobContext, control: JobControl): void;
  /** Takes part in the call, which begins when all its attempts do. @returns the end of this attempt in it */
  join(handle: HandleChunk): Promise<unknown>;
  /** Leaves the call: the attempt is over. A second call does nothing. */
  leave(): void;
}

/** What the attempts of one call share. */
export interface ChunkCallParts {
  readonly context: ChunkContext;
  /** Resolves when all items of the call are known. */
  readonly gathered: Promise<void>;
  /** Makes the call that all attempts share, once: for the first one that asks. */
  share<T>(make: () => T): T;
}

/** The options of a job class, checked; durations in seconds. */
export type RegisteredJobOptions = CheckedJobOptions;

/** One attempt, ready to run. */
export interface PreparedJob {
  /** Calls `getMaxTries()` of the job, if it has that method. @throws InvalidOptionError if the answer is no count */
  maxTries(): number | undefined;
  /** Calls `getRetryDelay()` of the job, if it has that method; seconds. @throws InvalidOptionError if it is no duration */
  retryDelay(): number | undefined;
  /** Runs `handle`, with the enhancers of the class around it. */
  handle(): unknown;
  /** Runs `failed`, if the job has that method. */
  failed(error: Error): unknown;
  /** Runs `cancelled`, if the job has that method. */
  cancelled(reason: string | undefined): unknown;
}

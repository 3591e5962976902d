import type { AnyJobDefinition } from '../job/job-definition.js';
import type { JobContext } from '../job/job-context.js';
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
   * @throws InvalidJobError if the class does not allow this form, or the data is of the wrong kind
   */
  prepare(form: JobForm, data: unknown, context: JobContext): PreparedJob | Promise<PreparedJob>;

  /**
   * Reads the data that an instance carries: its own properties without the injected ones.
   *
   * @throws InvalidJobError if the class takes dependencies in its constructor
   */
  dehydrate(instance: object): Record<string, unknown>;
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

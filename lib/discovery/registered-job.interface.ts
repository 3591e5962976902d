import type { JobContext } from '../job/job-context.js';
import type { JobClass } from '../job/job.interface.js';
import type { JobForm } from '../job/job-record.js';

/** A job class as this process knows it. */
export interface RegisteredJob {
  readonly name: string;
  readonly jobClass: JobClass;
  /** What `@Job()` says, checked; durations in seconds. */
  readonly options: RegisteredJobOptions;

  /**
   * Makes what runs one attempt: finds or creates the instance, with the context as its request where it is
   * request-scoped. Without a promise where nothing has to be waited for.
   */
  prepare(form: JobForm, data: unknown, context: JobContext): PreparedJob | Promise<PreparedJob>;

  /**
   * The data that an instance carries: its own properties without the injected ones.
   *
   * @throws InvalidJobError where the class is one whose data is pushed beside it
   */
  dehydrate(instance: object): Record<string, unknown>;

  /**
   * Checks that data may be pushed beside the class.
   *
   * @throws InvalidJobError where the class takes its data in its constructor
   */
  assertTakesData(): void;
}

export interface RegisteredJobOptions {
  readonly queue?: string;
  readonly maxTries?: number;
  readonly retryDelay?: number;
  readonly timeout?: number;
}

/** One attempt, ready to run. */
export interface PreparedJob {
  /** What the job's own `getMaxTries()` says, if it has one. @throws InvalidOptionError where that is no count */
  maxTries(): number | undefined;
  /** What the job's own `getRetryDelay()` says, if it has one; seconds. @throws InvalidOptionError */
  retryDelay(): number | undefined;
  /** Runs `handle`, with the enhancers of the class around it. */
  handle(): unknown;
  /** Runs `failed`, where the job has it. */
  failed(error: Error): unknown;
}

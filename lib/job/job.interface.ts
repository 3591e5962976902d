import type { ChunkContext } from './chunk-context.js';
import type { ChunkItem } from './chunk-item.interface.js';
import type { JobContext } from './job-context.js';

interface AttemptPolicy {
  /** Returns how many attempts the job gets; overrides `@Job({ maxTries })` and the module's default. */
  getMaxTries?(): number;
  /**
   * Returns the pause before the first repetition; overrides `@Job({ retryDelay })` and the module's default. Any text, as the
   * compiler infers no more for a method that returns `'5m'`; it is checked when it is read.
   */
  getRetryDelay?(): number | string;
}

/**
 * A job whose class is a Nest provider and whose data is pushed beside it: `push(SendEmailJob, email)`.
 * Its dependencies are injected through its constructor.
 */
export interface JobHandler<Data = unknown, Result = unknown> extends AttemptPolicy {
  /** Does the work of one attempt. If it throws or rejects, the attempt has failed. */
  handle(data: Data, job: JobContext): Result | Promise<Result>;
  /** Called once, when the job has failed for good. An error that it throws is logged, and changes nothing. */
  failed?(error: Error, data: Data, job: JobContext): void | Promise<void>;
  /**
   * Called once when the job was cancelled after it began to run, in place of `failed`, by the worker that has it. A job that waits
   * for its next attempt ends without it. An error that it throws is logged, and changes nothing.
   *
   * @param reason the text that was given to `cancel()`, if one was given
   */
  cancelled?(reason: string | undefined, data: Data, job: JobContext): void | Promise<void>;
}

/**
 * A job that carries its data in its own properties: `push(new ResizeImageJob('a.png', 640))`.
 * Before it runs, it is built again without its constructor. Its dependencies are injected into properties
 * (`@Inject() private readonly images!: ImageService`), and these are never stored.
 */
export interface JobInterface<Result = unknown> extends AttemptPolicy {
  /** Does the work of one attempt. If it throws or rejects, the attempt has failed. */
  handle(job: JobContext): Result | Promise<Result>;
  /** Called once, when the job has failed for good. An error that it throws is logged, and changes nothing. */
  failed?(error: Error, job: JobContext): void | Promise<void>;
  /**
   * Called once when the job was cancelled after it began to run, in place of `failed`, by the worker that has it. A job that waits
   * for its next attempt ends without it. An error that it throws is logged, and changes nothing.
   *
   * @param reason the text that was given to `cancel()`, if one was given
   */
  cancelled?(reason: string | undefined, job: JobContext): void | Promise<void>;
}

/**
 * A job whose class handles many jobs in one call: with `@Job({ chunk })`. Its class is a Nest provider, and the data of each job is
 * pushed beside it, as for a {@link JobHandler}.
 */
export interface ChunkHandler<Data = unknown, Result = void> extends AttemptPolicy {
  /**
   * Does the work of one attempt of each item. Each item is settled by itself, see {@link ChunkItem}. If it throws or rejects, the
   * attempt of each item without a decision has failed.
   */
  handleChunk(items: readonly ChunkItem<Data, Result>[], chunk: ChunkContext): unknown;
  /** Called once for each job that has failed for good. An error that it throws is logged, and changes nothing. */
  failed?(error: Error, data: Data, job: JobContext): void | Promise<void>;
  /**
   * Called once for each job that was cancelled after it began to run, in place of `failed`. An error that it throws is logged, and
   * changes nothing.
   *
   * @param reason the text that was given to `cancel()`, if one was given
   */
  cancelled?(reason: string | undefined, data: Data, job: JobContext): void | Promise<void>;
}

/** The method that every job has: `handle` of either form, or `handleChunk`. */
export type JobMethods =
  // oxlint-disable-next-line typescript/no-explicit-any -- any parameters; `never` would refuse optional data
  | { handle(...args: any[]): unknown }
  // oxlint-disable-next-line typescript/no-explicit-any -- the same
  | { handleChunk(items: any, ...rest: any[]): unknown };

/** A job class of either form. */
// oxlint-disable-next-line typescript/no-explicit-any -- any constructor will do, and only `any` says so
export type JobClass<T = unknown> = new (...args: any[]) => T;

/**
 * The data that is pushed beside a class, inferred from its `handle` or `handleChunk`: `unknown` if that takes nothing, `never` if
 * `handle` takes only the context.
 */
export type JobData<T> =
  T extends ChunkMethod<infer Items>
    ? DataOfItems<Items>
    : T extends { handle(...args: infer Args): unknown }
      ? Args extends []
        ? unknown
        : IsContext<Args[0]> extends true
          ? never
          : Args[0]
      : never;

// oxlint-disable-next-line typescript/no-explicit-any -- any further parameters
type ChunkMethod<Items> = { handleChunk(items: Items, ...rest: any[]): unknown };
type DataOfItems<Items> = Items extends readonly { readonly data: infer Data }[] ? Data : unknown;

type IsContext<T> =
  IsAny<T> extends true ? false : [NonNullable<T>] extends [JobContext] ? IsNotNever<NonNullable<T>> : false;
type IsAny<T> = 0 extends 1 & T ? true : false;
type IsNotNever<T> = [T] extends [never] ? false : true;

/** The result of a job's `handle`, inferred; of a job with `handleChunk` the argument of `complete()`. */
export type JobResult<T> =
  T extends ChunkMethod<infer Items>
    ? ResultOfItems<Items>
    : T extends { handle(...args: never[]): infer Result }
      ? Awaited<Result>
      : never;

type ResultOfItems<Items> = Items extends readonly ChunkItem<infer _Data, infer Result>[] ? Result : void;

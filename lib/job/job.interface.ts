import type { Duration } from '../support/duration.js';
import type { JobContext } from './job-context.js';

interface AttemptPolicy {
  /** How many attempts the job gets; beats `@Job({ maxTries })` and the module's default. */
  getMaxTries?(): number;
  /** The pause before the first repetition; beats `@Job({ retryDelay })` and the module's default. */
  getRetryDelay?(): Duration;
}

/**
 * A job whose class is a Nest provider and whose data is pushed beside it: `push(SendEmailJob, email)`.
 * Its dependencies are injected through its constructor.
 */
export interface JobHandler<Data = unknown, Result = unknown> extends AttemptPolicy {
  /** Does the work of one attempt. What it throws or rejects with fails the attempt. */
  handle(data: Data, job: JobContext): Result | Promise<Result>;
  /** Called once, when the job has failed for good. What it throws is logged and changes nothing. */
  failed?(error: Error, data: Data, job: JobContext): void | Promise<void>;
}

/**
 * A job that carries its data in its own properties: `push(new ResizeImageJob('a.png', 640))`.
 * It is rebuilt without its constructor before it runs; its dependencies are injected into properties
 * (`@Inject() private readonly images!: ImageService`), which are never stored.
 */
export interface JobInterface<Result = unknown> extends AttemptPolicy {
  /** Does the work of one attempt. What it throws or rejects with fails the attempt. */
  handle(job: JobContext): Result | Promise<Result>;
  /** Called once, when the job has failed for good. What it throws is logged and changes nothing. */
  failed?(error: Error, job: JobContext): void | Promise<void>;
}

/** What makes an object a job, of either form. */
export interface JobMethods {
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever it takes; `never` would refuse optional data
  handle(...args: any[]): unknown;
}

/** A job class of either form. */
// oxlint-disable-next-line typescript/no-explicit-any -- any constructor will do, and only `any` says so
export type JobClass<T = unknown> = new (...args: any[]) => T;

/**
 * The data that a class takes beside it, inferred from its `handle`: `unknown` where `handle` takes nothing, `never`
 * where it takes the context only.
 */
export type JobData<T> = T extends { handle(...args: infer Args): unknown }
  ? Args extends []
    ? unknown
    : IsContext<Args[0]> extends true
      ? never
      : Args[0]
  : never;

type IsContext<T> =
  IsAny<T> extends true ? false : [NonNullable<T>] extends [JobContext] ? IsNotNever<NonNullable<T>> : false;
type IsAny<T> = 0 extends 1 & T ? true : false;
type IsNotNever<T> = [T] extends [never] ? false : true;

/** What a job's `handle` gives, inferred. */
export type JobResult<T> = T extends { handle(...args: never[]): infer Result } ? Awaited<Result> : never;

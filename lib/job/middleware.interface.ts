import type { Type } from '@nestjs/common';
import type { DispatchResult } from './dispatch-result.interface.js';
import type { JobContext } from './job-context.js';

/**
 * Runs around the attempts of jobs: outside of their guards, pipes, interceptors and filters, which run around `handle`.
 *
 * ```ts
 * @Injectable()
 * export class Timing implements JobMiddleware {
 *   async handle(job: JobContext, next: () => Promise<unknown>): Promise<unknown> {
 *     const started = performance.now();
 *     try {
 *       return await next();
 *     } finally {
 *       this.times.add(job.name, performance.now() - started);
 *     }
 *   }
 * }
 * ```
 */
export interface JobMiddleware {
  /**
   * Runs around one attempt. What it returns is the result of the job; an error that it throws fails the attempt.
   *
   * @param next runs the rest of the attempt, and resolves with its result when its work is done. A second call gives the same promise
   */
  handle(job: JobContext, next: () => Promise<unknown>): unknown;

  /**
   * Runs around `failed()` of a job that failed for good, also if the job has no such method. An error that it throws is logged.
   *
   * @param next calls the job's `failed()`. A second call gives the same promise
   */
  failed?(error: Error, job: JobContext, next: () => Promise<unknown>): unknown;
}

/**
 * Runs around the pushes of this process, once for each job, in the call that dispatches it.
 *
 * ```ts
 * @Injectable()
 * export class Stamp implements PushMiddleware {
 *   push(push: PendingPush, next: () => Promise<DispatchResult>): Promise<DispatchResult> {
 *     push.metadata['release'] = RELEASE;
 *     return next();
 *   }
 * }
 * ```
 */
export interface PushMiddleware {
  /**
   * Runs around one push, which was checked and is not stored yet. If it does not call `next`, nothing is stored; an error that it
   * throws rejects the push.
   *
   * @param next stores the job, and resolves with what became of it. The jobs of a bulk push are stored together. A second call
   *   gives the same promise
   * @returns the result of the push: that of `next`, or another one
   */
  push(push: OpenPush, next: () => Promise<DispatchResult>): Promise<DispatchResult>;
}

/** A push that was checked, and is not stored yet, as middleware sees it. Its labels may be changed until `next` is called. */
export interface OpenPush {
  readonly id: string;
  /** The name of the job. */
  readonly name: string;
  readonly queue: string;
  /** The data; of a job that carries its data its properties. */
  readonly data: unknown;
  /** Seconds. */
  readonly delay: number;
  readonly priority: number;
  /** `undefined` without one. */
  readonly group: string | undefined;
  /** What the job gets as `job.metadata`: texts by name, at most 4,096 bytes as JSON. */
  metadata: Record<string, string>;
  /** What the job gets as `job.tags`. */
  tags: string[];
}

/** Middleware of any kind. One class may be of both kinds. */
export type AnyMiddleware = JobMiddleware | PushMiddleware;

/** Middleware as an option takes it: a class, which is a provider or is made as guards are; or an instance. */
export type MiddlewareType<T extends AnyMiddleware = AnyMiddleware> = Type<T> | T;

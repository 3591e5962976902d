import 'reflect-metadata';
import type { JobOptions } from '../job/job-options.js';
import type { JobClass } from '../job/job.interface.js';

/** Where `@Job()` leaves its options; a registered symbol, so that two copies of this package agree on it. */
export const JOB_METADATA = Symbol.for('nestjs-job-queue:job');

/**
 * What `@Job()` on this very class says, unchecked; `undefined` for a class without it. A subclass does not inherit
 * it: it would be a second job of the same name.
 */
export function readJobMetadata(target: object): JobOptions | string | undefined {
  return Reflect.getOwnMetadata(JOB_METADATA, target) as JobOptions | string | undefined;
}

/** Whether a value is a class that is marked with `@Job()`. */
export function isJobClass(value: unknown): value is JobClass<object> {
  return typeof value === 'function' && readJobMetadata(value) !== undefined;
}

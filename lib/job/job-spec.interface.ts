import type { PushOptions } from './job-options.js';

/** Marks a spec: a registered symbol, so that two copies of this package share it. */
export const SPEC: unique symbol = Symbol.for('nestjs-job-queue:job-spec');

/** The type of the result. No value has this member. */
declare const RESULT: unique symbol;

/**
 * One job to push: what job it is, its data, and the options of this push. `jobSpec()` makes it. Whatever pushes jobs takes it.
 */
export interface JobSpec<Result = unknown> {
  readonly job: unknown;
  /** `undefined` beside an instance that carries its data. */
  readonly data: unknown;
  /** The queue, or the options of this push; unchecked. */
  readonly to: string | PushOptions | undefined;
  readonly [SPEC]: true;
  readonly [RESULT]: Result;
}

/** Returns true if the value is a spec. */
export function isJobSpec(value: unknown): value is JobSpec {
  return typeof value === 'object' && value !== null && (value as { [SPEC]?: unknown })[SPEC] === true;
}

import { AsyncLocalStorage } from 'node:async_hooks';

/** An attempt as the asynchronous context of its code knows it. */
export interface TrackedAttempt {
  readonly id: string;
  /** Empty until the record of the job was read. */
  readonly name: string;
  readonly queue: string;
  /**
   * Fails the attempt, as if its code had thrown the error.
   *
   * @returns false if its code has ended already
   */
  fail(error: Error): boolean;
}

export type AttemptTracker = AsyncLocalStorage<TrackedAttempt>;

/** A registered symbol: the command and the application share it even if they load two copies of this package. */
const KEY = Symbol.for('nestjs-job-queue:attempt-tracker');

/**
 * Makes the workers of this process remember in the asynchronous context which attempt runs. It is off unless somebody
 * asks, because Node then follows every promise.
 */
export function trackAttempts(): AttemptTracker {
  return ((globalThis as Record<symbol, unknown>)[KEY] ??= new AsyncLocalStorage()) as AttemptTracker;
}

/** Returns the tracker after a call of {@link trackAttempts}. */
export function attemptTracker(): AttemptTracker | undefined {
  return (globalThis as Record<symbol, unknown>)[KEY] as AttemptTracker | undefined;
}

/** Registered, so that the command and the application agree on it even with two copies of this package. */
const KEY = Symbol.for('nestjs-job-queue:manual-worker');

/** From now on workers of this process start only when they are told to, whatever the module's options say. */
export function startWorkersManually(): void {
  (globalThis as Record<symbol, unknown>)[KEY] = true;
}

/** Whether {@link startWorkersManually} was called. */
export function areWorkersManual(): boolean {
  return (globalThis as Record<symbol, unknown>)[KEY] === true;
}

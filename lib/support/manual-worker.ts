/** A registered symbol: the command and the application share it even if they load two copies of this package. */
const KEY = Symbol.for('nestjs-job-queue:manual-worker');

/** Keeps the workers of this process from starting with the application, whatever the option `worker` says. */
export function startWorkersManually(): void {
  (globalThis as Record<symbol, unknown>)[KEY] = true;
}

/** Returns true after a call of {@link startWorkersManually}. */
export function areWorkersManual(): boolean {
  return (globalThis as Record<symbol, unknown>)[KEY] === true;
}

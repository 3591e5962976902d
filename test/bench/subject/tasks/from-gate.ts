import { setTimeout as pause } from 'node:timers/promises';
import { deferred } from '../../../support/deferred.js';
import type { BenchSystem, TaskOptions, Timing } from '../bench-system.js';

export interface FromGateOptions extends TaskOptions {
  readonly concurrency: number;
  /** The number of all jobs. */
  readonly total: number;
  /** The number of first jobs that wait until all of them run. */
  readonly held: number;
  /** Called when a job starts, with the number of jobs that have started. */
  readonly onStart?: (started: number) => void;
}

/** How long a worker may take for its work at start, in milliseconds. */
const SETTLE = 100;

/**
 * Runs jobs and measures the time. The first jobs wait until the worker is full and idle. The time runs from their release
 * until the last job has started.
 */
export async function timeFromGate(bench: BenchSystem, options: FromGateOptions): Promise<Timing> {
  const { total, held, onStart } = options;
  const full = deferred();
  const gate = deferred();
  const ended = deferred();
  let started = 0;
  function onJob(): void | Promise<void> {
    started++;
    onStart?.(started);
    if (started === total) ended.resolve();
    if (started === held) full.resolve();
    if (started <= held) return gate.promise;
  }
  const worker = await bench.system.openWorker({ ...bench, ...options, onJob });
  worker.start();
  await full.promise;
  await pause(SETTLE);
  const stopwatch = await bench.stopwatch();
  stopwatch.start();
  gate.resolve();
  await ended.promise;
  const timing = await stopwatch.stop(total - held);
  await worker.stop();
  return timing;
}

import { setTimeout as pause } from 'node:timers/promises';
import { deferred } from '../../../support/deferred.js';
import type { BenchSystem, TaskOptions, Timing } from '../bench-system.js';

export interface FromGateOptions extends TaskOptions {
  readonly concurrency: number;
  /** How many jobs there are in all. */
  readonly total: number;
  /** How many of them wait until the worker is full. */
  readonly held: number;
  /** Is told of each start of a job, how many there were. */
  readonly onStart?: (started: number) => void;
}

/** Until a worker has done what it does once, when it starts, in milliseconds. */
const SETTLE = 100;

/**
 * Lets a worker run jobs. The first ones wait until it is full and has come to rest: the time runs from when they go on to
 * when the last job has run.
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

import { setTimeout as pause } from 'node:timers/promises';
import { deferred } from '../../../support/deferred.js';
import type { BenchSystem, TaskOptions, Timing } from '../bench-system.js';

export interface WorkOptions extends TaskOptions {
  /** How many jobs are waiting. */
  readonly count: number;
  readonly concurrency: number;
}

/** Until a worker has done what it does once, when it starts, in milliseconds. */
const SETTLE = 100;

/**
 * Works the jobs that are waiting. The first ones wait until the worker is full and has come to rest: the time runs from
 * when they go on to when the last job has run.
 */
export async function work(bench: BenchSystem, options: WorkOptions): Promise<Timing> {
  const { count } = options;
  const slots = Math.min(options.concurrency, count);
  const full = deferred();
  const gate = deferred();
  const ended = deferred();
  let started = 0;
  function onJob(): void | Promise<void> {
    started++;
    if (started === count) ended.resolve();
    if (started === slots) full.resolve();
    if (started <= slots) return gate.promise;
  }
  const worker = await bench.system.openWorker({ ...bench, ...options, onJob });
  worker.start();
  await full.promise;
  await pause(SETTLE);
  const stopwatch = await bench.stopwatch();
  stopwatch.start();
  gate.resolve();
  await ended.promise;
  const timing = await stopwatch.stop(count - slots);
  await worker.stop();
  return timing;
}

import { setTimeout as pause } from 'node:timers/promises';
import type { BenchSystem, TaskOptions } from '../bench-system.js';

export interface IdleOptions extends TaskOptions {
  readonly concurrency: number;
  /** How long the worker comes to rest, in seconds. */
  readonly rest: number;
  /** How long it is watched after that, in seconds. */
  readonly seconds: number;
}

/** Runs a worker that has nothing to do. Returns its processor time: milliseconds in a second. */
export async function idle(bench: BenchSystem, options: IdleOptions): Promise<number> {
  const worker = await bench.system.openWorker({ ...bench, ...options, onJob: () => undefined });
  worker.start();
  await pause(options.rest * 1000);
  const before = process.cpuUsage();
  await pause(options.seconds * 1000);
  const { user, system } = process.cpuUsage(before);
  await worker.stop();
  return (user + system) / 1000 / options.seconds;
}

import { setTimeout as pause } from 'node:timers/promises';
import type { BenchSystem, TaskOptions } from '../bench-system.js';

export interface IdleOptions extends TaskOptions {
  readonly concurrency: number;
  /** So many schedules are set beside it. Default: none. */
  readonly schedules?: number;
  /** How long to wait until the worker is idle, in seconds. */
  readonly rest: number;
  /** How long to measure after that, in seconds. */
  readonly seconds: number;
}

/** Runs an idle worker. Returns its processor time, in milliseconds a second. */
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

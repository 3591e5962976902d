import type { BenchSystem, TaskOptions, Timing } from '../bench-system.js';

export interface WorkOptions extends TaskOptions {
  /** How many jobs are waiting. */
  readonly count: number;
  readonly concurrency: number;
}

/** The part of the jobs that is worked before the time runs: what a worker does once, when it starts, is no cost of a job. */
const LEAD = 0.2;

/** Works the jobs that are waiting. */
export async function work(bench: BenchSystem, options: WorkOptions): Promise<Timing> {
  const timed = Math.ceil(options.count * (1 - LEAD));
  const worker = await bench.system.openWorker({ ...bench, ...options, onJob });
  const stopwatch = await bench.stopwatch();
  let left = options.count;
  let end!: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  function onJob(): void {
    if (left === timed) stopwatch.start();
    if (--left === 0) end();
  }
  worker.start();
  await ended;
  const timing = await stopwatch.stop(timed);
  await worker.stop();
  return timing;
}

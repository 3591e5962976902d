import type { BenchSystem, TaskOptions, Timing } from '../bench-system.js';
import { timeFromGate } from './from-gate.js';

export interface WorkOptions extends TaskOptions {
  /** How many jobs are waiting. */
  readonly count: number;
  readonly concurrency: number;
}

/** Works the jobs that are waiting. */
export async function work(bench: BenchSystem, options: WorkOptions): Promise<Timing> {
  const { count, concurrency } = options;
  return timeFromGate(bench, { ...options, total: count, held: Math.min(concurrency, count) });
}

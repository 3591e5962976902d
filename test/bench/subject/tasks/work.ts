import type { BenchSystem, TaskOptions, Timing } from '../bench-system.js';
import { timeFromGate } from './from-gate.js';

export interface WorkOptions extends TaskOptions {
  /** The number of waiting jobs. */
  readonly count: number;
  readonly concurrency: number;
}

/** Runs the waiting jobs. */
export async function work(bench: BenchSystem, options: WorkOptions): Promise<Timing> {
  const { count, concurrency } = options;
  return timeFromGate(bench, { ...options, total: count, held: Math.min(concurrency, count) });
}

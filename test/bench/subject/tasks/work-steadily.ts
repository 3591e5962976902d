import type { BenchSystem, TaskOptions, Timing } from '../bench-system.js';
import { makePayloads } from '../payload.js';
import { timeFromGate } from './from-gate.js';

export interface WorkSteadilyOptions extends TaskOptions {
  /** The number of jobs in the timed section. */
  readonly count: number;
  readonly concurrency: number;
  /** The number of jobs in one push. A push follows after this number of jobs has started. */
  readonly refill: number;
  /** The number of waiting jobs above the depth, before the section. */
  readonly surplus: number;
}

export interface SteadyTiming extends Timing {
  /** The number of waiting jobs above the depth, after the section. */
  readonly surplus: number;
}

/**
 * Runs jobs of a queue whose depth stays constant: the handler pushes as many jobs as have started. The queue is never less
 * deep than at the start (except for pushes on their way), and at most `refill` jobs deeper.
 */
export async function workSteadily(bench: BenchSystem, options: WorkSteadilyOptions): Promise<SteadyTiming> {
  const { count, concurrency, refill } = options;
  const payloads = makePayloads(options.bytes, refill);
  const producer = await bench.system.openProducer({ ...bench, ...options });
  const pushes: Promise<unknown>[] = [];
  let pushed = options.surplus;
  let last = 0;
  const onStart = (started: number): void => {
    last = started;
    if (pushed >= started) return;
    pushed += refill;
    pushes.push(producer.pushMany(payloads));
  };
  const timing = await timeFromGate(bench, { ...options, total: concurrency + count, held: concurrency, onStart });
  await Promise.all(pushes);
  await producer.close();
  return { ...timing, surplus: pushed - last };
}

import type { BenchSystem, TaskOptions, Timing } from '../bench-system.js';
import { makePayloads } from '../payload.js';
import { timeFromGate } from './from-gate.js';

export interface WorkSteadilyOptions extends TaskOptions {
  /** How many jobs to time. */
  readonly count: number;
  readonly concurrency: number;
  /** How many jobs are pushed at once, as soon as as many have been started. */
  readonly refill: number;
  /** How many jobs more than the depth are waiting. */
  readonly surplus: number;
}

export interface SteadyTiming extends Timing {
  /** How many jobs more than the depth are left waiting. */
  readonly surplus: number;
}

/**
 * Works jobs of a queue that stays as deep as it is: its handler pushes as many as were started. The queue is never less deep
 * than at first, but for those on their way, and at most `refill` jobs deeper.
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

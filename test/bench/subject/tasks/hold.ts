import { setTimeout as pause } from 'node:timers/promises';
import { deferred } from '../../../support/deferred.js';
import type { BenchSystem, TaskOptions } from '../bench-system.js';
import { makePayloads } from '../payload.js';

export interface HoldOptions extends TaskOptions {
  /** The number of jobs that run at once. */
  readonly count: number;
  /** The number of jobs in one call of `pushMany`. */
  readonly batch: number;
}

/** How long to wait until the process has handled all replies, in milliseconds. */
const SETTLE = 500;

/** Runs many jobs at once. Returns the heap memory of one of them, in bytes, with its data. */
export async function hold(bench: BenchSystem, options: HoldOptions): Promise<number> {
  const { count, batch, bytes } = options;
  const full = deferred();
  const gate = deferred();
  let started = 0;
  const onJob = (): Promise<void> => {
    if (++started === count) full.resolve();
    return gate.promise;
  };
  const producer = await bench.system.openProducer({ ...bench, ...options });
  const worker = await bench.system.openWorker({ ...bench, ...options, concurrency: count, onJob });
  worker.start();
  const before = await heapUsed();
  for (let i = 0; i < count; i += batch) await producer.pushMany(makePayloads(bytes, Math.min(batch, count - i)));
  await full.promise;
  const after = await heapUsed();
  gate.resolve();
  await worker.stop();
  await producer.close();
  return (after - before) / count;
}

async function heapUsed(): Promise<number> {
  await pause(SETTLE);
  if (!globalThis.gc) throw new Error('the process has to be started with --expose-gc');
  // The second collection frees objects that the first one finalizes.
  globalThis.gc();
  await pause(0);
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

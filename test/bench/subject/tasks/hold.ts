import { setTimeout as pause } from 'node:timers/promises';
import { deferred } from '../../../support/deferred.js';
import type { BenchSystem, TaskOptions } from '../bench-system.js';
import { makePayloads } from '../payload.js';

export interface HoldOptions extends TaskOptions {
  /** How many jobs are held, all at once. */
  readonly count: number;
  /** How many jobs one call of `pushMany` takes. */
  readonly batch: number;
}

/** Until what was answered is taken in, in milliseconds. */
const SETTLE = 500;

/** Lets a worker run many jobs at once. Returns what each of them takes of the heap, in bytes, its data included. */
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
  // What the first one finalizes is collected by the second.
  globalThis.gc();
  await pause(0);
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

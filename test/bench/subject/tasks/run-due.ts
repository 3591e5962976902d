import { setTimeout as pause } from 'node:timers/promises';
import { deferred } from '../../../support/deferred.js';
import type { BenchSystem, TaskOptions, Timing } from '../bench-system.js';
import { makePayloads } from '../payload.js';

export interface RunDueOptions extends TaskOptions {
  readonly count: number;
  readonly concurrency: number;
  /** The number of jobs in one call of `pushMany`. */
  readonly batch: number;
  /** The time from the first push until the jobs are due, in milliseconds. */
  readonly lead: number;
}

/** How long before the jobs are due the worker has to be idle, in milliseconds. */
const REST = 200;

/** Pushes jobs that are due at one moment, and runs them. The time runs from that moment until the last job has started. */
export async function runDue(bench: BenchSystem, options: RunDueOptions): Promise<Timing> {
  const { count, batch, lead } = options;
  const payloads = makePayloads(options.bytes, count);
  const ended = deferred();
  let due = Infinity;
  let started = 0;
  let early = 0;
  const onJob = (): void => {
    if (Date.now() < due) early++;
    if (++started === count) ended.resolve();
  };
  const producer = await bench.system.openProducer({ ...bench, ...options });
  const worker = await bench.system.openWorker({ ...bench, ...options, onJob });
  due = Date.now() + lead;
  for (let i = 0; i < count; i += batch) await producer.pushMany(payloads.slice(i, i + batch), due - Date.now());
  await producer.close();
  worker.start();
  const left = due - Date.now() - REST;
  if (left < 0) throw new Error(`the jobs were pushed ${-left} ms too late`);
  await pause(left);
  const stopwatch = await bench.stopwatch();
  await pause(due - Date.now());
  stopwatch.start();
  await ended.promise;
  const timing = await stopwatch.stop(count);
  await worker.stop();
  if (early > count / 100) throw new Error(`${early} of ${count} jobs ran before they were due`);
  return timing;
}

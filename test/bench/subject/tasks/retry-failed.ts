import { eventually } from '../../../support/eventually.js';
import type { BenchSystem, TaskOptions, Timing } from '../bench-system.js';
import { makePayloads } from '../payload.js';

export interface RetryFailedOptions extends TaskOptions {
  readonly count: number;
  /** The number of jobs in one call of `pushMany`. */
  readonly batch: number;
  readonly concurrency: number;
}

/** The time limit for the jobs to fail, in milliseconds. */
const LIMIT = 60_000;

/** Lets jobs fail, and puts them all back without a worker. Measures the latter. */
export async function retryFailed(bench: BenchSystem, options: RetryFailedOptions): Promise<Timing> {
  const { count, batch, bytes } = options;
  const settings = { ...bench, ...options, use: 'failing' } as const;
  const producer = await bench.system.openProducer(settings);
  const onJob = (): never => {
    throw new Error('the mail server is down');
  };
  const worker = await bench.system.openWorker({ ...settings, onJob });
  for (let i = 0; i < count; i += batch) await producer.pushMany(makePayloads(bytes, Math.min(batch, count - i)));
  worker.start();
  await eventually(async () => (await producer.control!.failed()) === count, { timeout: LIMIT });
  await worker.stop();
  const stopwatch = await bench.stopwatch();
  stopwatch.start();
  const retried = await producer.control!.retryAll();
  const timing = await stopwatch.stop(count);
  await producer.close();
  if (retried !== count) throw new Error(`${retried} of ${count} failed jobs were put back`);
  return timing;
}

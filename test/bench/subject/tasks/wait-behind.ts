import { deferred } from '../../../support/deferred.js';
import type { BenchSystem, TaskOptions } from '../bench-system.js';
import { makePayload } from '../payload.js';

export interface WaitBehindOptions extends TaskOptions {
  /** The number of jobs of the large tenant. */
  readonly large: number;
  /** The number of other tenants, below 1,000, and of the jobs of each. */
  readonly small: { readonly tenants: number; readonly jobs: number };
  readonly concurrency: number;
  /** The number of jobs in one call of `pushMany`. */
  readonly batch: number;
}

/** The tenant of a job is the rest of its number by this, as with the use `groups`. */
const TENANTS = 1_000;

/**
 * Pushes the jobs of a large tenant, and behind them those of small ones. Then runs them all. Returns the milliseconds from the
 * start of the worker to the start of each job of the small tenants.
 */
export async function waitBehind(bench: BenchSystem, options: WaitBehindOptions): Promise<number[]> {
  const { large, small, batch, bytes } = options;
  const numbers = Array.from({ length: large }, (_, i) => i * TENANTS);
  for (let i = 0; i < small.jobs; i++) {
    for (let tenant = 1; tenant <= small.tenants; tenant++) numbers.push(i * TENANTS + tenant);
  }
  const producer = await bench.system.openProducer({ ...bench, ...options });
  for (let i = 0; i < numbers.length; i += batch) {
    await producer.pushMany(numbers.slice(i, i + batch).map((number) => makePayload(bytes, number)));
  }
  await producer.close();
  const ended = deferred();
  const waits: number[] = [];
  let left = numbers.length;
  let startedAt = 0;
  const worker = await bench.system.openWorker({
    ...bench,
    ...options,
    onJob: ({ number }) => {
      if (Number(number) % TENANTS > 0) waits.push(performance.now() - startedAt);
      if (--left === 0) ended.resolve();
    },
  });
  startedAt = performance.now();
  worker.start();
  await ended.promise;
  await worker.stop();
  return waits;
}

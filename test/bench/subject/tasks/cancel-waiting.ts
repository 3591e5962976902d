import type { BenchSystem, TaskOptions, Timing } from '../bench-system.js';
import { makePayloads } from '../payload.js';

export interface CancelWaitingOptions extends TaskOptions {
  readonly count: number;
  /** The number of jobs in one call of `pushMany`. */
  readonly batch: number;
  /** The number of requests under way. */
  readonly atOnce: number;
}

/** Pushes jobs without a worker, and cancels each of them. Measures the cancellations. */
export async function cancelWaiting(bench: BenchSystem, options: CancelWaitingOptions): Promise<Timing> {
  const { count, batch, bytes, atOnce } = options;
  const producer = await bench.system.openProducer({ ...bench, ...options });
  const ids: string[] = [];
  for (let i = 0; i < count; i += batch) {
    const pushed = await producer.pushMany(makePayloads(bytes, Math.min(batch, count - i)));
    ids.push(...(pushed as string[]));
  }
  const left = ids.values();
  const answers: unknown[] = [];
  const stopwatch = await bench.stopwatch();
  stopwatch.start();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const id of left) answers.push(await producer.control!.cancel(id));
    }),
  );
  const timing = await stopwatch.stop(count);
  await producer.close();
  if (answers.some((answer) => answer !== 'cancelled')) throw new Error('a job that waited was not cancelled');
  return timing;
}

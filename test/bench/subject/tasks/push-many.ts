import type { BenchSystem, TaskOptions, Timing } from '../bench-system.js';
import { makePayloads } from '../payload.js';

export interface PushManyOptions extends TaskOptions {
  readonly count: number;
  /** The number of jobs in one call. */
  readonly batch: number;
}

/** Pushes jobs in calls of many, one call after the other. */
export async function pushMany(bench: BenchSystem, options: PushManyOptions): Promise<Timing> {
  const { count, batch, bytes } = options;
  const payloads = makePayloads(bytes, count);
  const batches = Array.from({ length: Math.ceil(count / batch) }, (_, i) =>
    payloads.slice(i * batch, (i + 1) * batch),
  );
  const producer = await bench.system.openProducer({ ...bench, ...options });
  const stopwatch = await bench.stopwatch();
  stopwatch.start();
  for (const list of batches) await producer.pushMany(list);
  const timing = await stopwatch.stop(count);
  await producer.close();
  return timing;
}

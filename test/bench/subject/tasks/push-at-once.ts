import type { BenchSystem, TaskOptions, Timing } from '../bench-system.js';
import { makePayloads } from '../payload.js';

export interface PushAtOnceOptions extends TaskOptions {
  readonly count: number;
  /** How many pushes are under way at any time. */
  readonly inFlight: number;
}

/** Pushes jobs one by one, many callers at once. */
export async function pushAtOnce(bench: BenchSystem, options: PushAtOnceOptions): Promise<Timing> {
  const payloads = makePayloads(options.bytes, options.count);
  const producer = await bench.system.openProducer({ ...bench, ...options });
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < payloads.length) await producer.push(payloads[next++]!);
  };
  const stopwatch = await bench.stopwatch();
  stopwatch.start();
  await Promise.all(Array.from({ length: options.inFlight }, caller));
  const timing = await stopwatch.stop(payloads.length);
  await producer.close();
  return timing;
}

import type { BenchSystem, TaskOptions, Timing } from '../bench-system.js';
import { makePayloads } from '../payload.js';

export interface PushAtOnceOptions extends TaskOptions {
  readonly count: number;
  /** The number of concurrent pushes. */
  readonly inFlight: number;
}

/** Pushes single jobs from many concurrent callers. */
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

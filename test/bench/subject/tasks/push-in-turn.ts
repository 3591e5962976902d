import type { BenchSystem, TaskOptions, Timing } from '../bench-system.js';
import { makePayloads } from '../payload.js';

export interface PushInTurnOptions extends TaskOptions {
  readonly count: number;
}

/** Pushes single jobs, each after the push before it has resolved. */
export async function pushInTurn(bench: BenchSystem, options: PushInTurnOptions): Promise<Timing> {
  const payloads = makePayloads(options.bytes, options.count);
  const producer = await bench.system.openProducer({ ...bench, ...options });
  const stopwatch = await bench.stopwatch();
  stopwatch.start();
  for (const payload of payloads) await producer.push(payload);
  const timing = await stopwatch.stop(payloads.length);
  await producer.close();
  return timing;
}

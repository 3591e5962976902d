import { setTimeout as pause } from 'node:timers/promises';
import type { BenchSystem, TaskOptions } from '../bench-system.js';
import { makePayload } from '../payload.js';

export interface LatenciesOptions extends TaskOptions {
  readonly count: number;
  readonly concurrency: number;
}

/** Samples that are thrown away, while the code is cold and the worker comes to rest. */
const WARM_UP = 20;
/** Long enough for a worker to settle the last job and to wait again, in milliseconds. */
const QUIET = 8;

/** Pushes a job to an idle worker, again and again. Returns the times from each push to the start of its handler, in ms. */
export async function latencies(bench: BenchSystem, options: LatenciesOptions): Promise<number[]> {
  let onStart!: (time: number) => void;
  const onJob = (): void => onStart(performance.now());
  const producer = await bench.system.openProducer({ ...bench, ...options });
  const worker = await bench.system.openWorker({ ...bench, ...options, onJob });
  worker.start();
  const samples: number[] = [];
  for (let i = 0; i < options.count + WARM_UP; i++) {
    await pause(QUIET + Math.random() * 2);
    const started = new Promise<number>((resolve) => (onStart = resolve));
    const payload = makePayload(options.bytes, i);
    const pushed = performance.now();
    const [time] = await Promise.all([started, producer.push(payload)]);
    if (i >= WARM_UP) samples.push(time - pushed);
  }
  await worker.stop();
  await producer.close();
  return samples;
}

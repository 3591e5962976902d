import { setTimeout as pause } from 'node:timers/promises';
import type { BenchSystem, TaskOptions } from '../bench-system.js';
import { makePayload } from '../payload.js';

export interface LatenciesOptions extends TaskOptions {
  readonly count: number;
  readonly concurrency: number;
}

/** The number of first samples that do not count, because the code is not compiled yet. */
const WARM_UP = 20;
/** The pause between two jobs, in milliseconds: the worker settles the last job and waits again. */
const QUIET = 8;

/** Pushes jobs to an idle worker, one at a time. Returns the time from each push to the start of its handler, in ms. */
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

import type { BenchSystem, TaskOptions } from '../bench-system.js';
import { makePayload } from '../payload.js';
import { CHAIN } from '../../systems/system.interface.js';
import { latencies } from './latencies.js';

export interface HopsOptions extends TaskOptions {
  readonly count: number;
  readonly concurrency: number;
}

export interface Hops {
  /** The times from the end of a job to the start of the next one of its chain, in ms. */
  readonly hops: readonly number[];
  /** The times from a push to the start of the job, in ms. */
  readonly pushes: readonly number[];
}

/** Runs one chain after the other on an idle worker; then pushes jobs one at a time. */
export async function hops(bench: BenchSystem, options: HopsOptions): Promise<Hops> {
  const times: number[] = [];
  let ended = 0;
  let onLast!: () => void;
  let at = 0;
  const onJob = (): void => {
    const now = performance.now();
    if (at++ % CHAIN > 0) times.push(now - ended);
    if (at % CHAIN === 0) onLast();
    ended = performance.now();
  };
  const producer = await bench.system.openProducer({ ...bench, ...options, use: 'chains' });
  const worker = await bench.system.openWorker({ ...bench, ...options, onJob });
  worker.start();
  const warmUp = CHAIN * 4;
  while (times.length < options.count + warmUp) {
    const last = new Promise<void>((resolve) => (onLast = resolve));
    await producer.pushMany(Array.from({ length: CHAIN }, (_, index) => makePayload(options.bytes, index)));
    await last;
  }
  await worker.stop();
  await producer.close();
  return { hops: times.slice(warmUp), pushes: await latencies(bench, options) };
}

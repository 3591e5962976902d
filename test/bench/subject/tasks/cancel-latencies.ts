import { Recorder } from '../../../support/recorder.js';
import type { Running } from '../../systems/system.interface.js';
import type { BenchSystem, TaskOptions } from '../bench-system.js';
import { makePayloads } from '../payload.js';

export interface CancelLatenciesOptions extends TaskOptions {
  readonly count: number;
  readonly concurrency: number;
}

/** The number of first samples that do not count, because the code is not compiled yet. */
const WARM_UP = 20;

/** Cancels running jobs while all slots are busy. Returns the time from each call to the signal in the handler, in ms. */
export async function cancelLatencies(bench: BenchSystem, options: CancelLatenciesOptions): Promise<number[]> {
  const { bytes, concurrency, count } = options;
  const started = new Recorder<Running>();
  const onJob = async (_data: unknown, job?: Running): Promise<void> => {
    started.add(job!);
    await aborted(job!);
    throw job!.signal.reason;
  };
  const settings = { ...bench, ...options, use: 'signal' } as const;
  const producer = await bench.system.openProducer(settings);
  const worker = await bench.system.openWorker({ ...settings, onJob });
  const cancelled = count + WARM_UP;
  await producer.pushMany(makePayloads(bytes, concurrency + cancelled));
  worker.start();
  const samples: number[] = [];
  for (let i = 0; i < cancelled; i++) {
    await started.has(concurrency + i);
    const job = started.items[i]!;
    const time = aborted(job).then(() => performance.now());
    const called = performance.now();
    await producer.control!.cancel(job.id);
    if (i >= WARM_UP) samples.push((await time) - called);
  }
  await started.has(cancelled + concurrency);
  for (const { id } of started.items.slice(cancelled)) await producer.control!.cancel(id);
  await worker.stop();
  await producer.close();
  return samples;
}

function aborted({ signal }: Running): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

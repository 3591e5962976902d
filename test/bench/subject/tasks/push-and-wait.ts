import type { BenchSystem, TaskOptions, Timing } from '../bench-system.js';
import { makePayload } from '../payload.js';

export interface PushAndWaitOptions extends TaskOptions {
  readonly count: number;
  /** The number of callers that wait at the same time. */
  readonly atOnce: number;
  readonly concurrency: number;
}

export interface Waits {
  readonly timing: Timing;
  /** The time from each push until its caller has the result, in ms. */
  readonly latencies: readonly number[];
}

/** Pushes empty jobs to a worker of the same process, and waits for each: many callers at once, each for one job after the other. */
export async function pushAndWait(bench: BenchSystem, options: PushAndWaitOptions): Promise<Waits> {
  const { count, atOnce, bytes } = options;
  const producer = await bench.system.openProducer({ ...bench, ...options });
  const worker = await bench.system.openWorker({ ...bench, ...options, onJob: () => undefined });
  worker.start();
  const waitForAll = async (jobs: number): Promise<number[]> => {
    const latencies: number[] = [];
    let left = jobs;
    const call = async (): Promise<void> => {
      while (left-- > 0) {
        const payload = makePayload(bytes, left);
        const pushed = performance.now();
        await producer.pushAndWait!(payload);
        latencies.push(performance.now() - pushed);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, call));
    return latencies;
  };
  // The code is not compiled yet.
  await waitForAll(atOnce);
  const stopwatch = await bench.stopwatch();
  stopwatch.start();
  const latencies = await waitForAll(count);
  const timing = await stopwatch.stop(count);
  await worker.stop();
  await producer.close();
  return { timing, latencies };
}

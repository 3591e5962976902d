import { setTimeout as pause } from 'node:timers/promises';
import type { BenchSystem, TaskOptions } from '../bench-system.js';
import { makePayloads } from '../payload.js';

export interface PauseLatenciesOptions extends TaskOptions {
  readonly count: number;
  readonly concurrency: number;
  /** The number of jobs in one call of `pushMany`. */
  readonly batch: number;
}

/** How long each job takes, in milliseconds: short jobs are claimed ahead. */
const WORK = 2;
/** How long the worker runs before each pause, in milliseconds: it claims ahead again. */
const BUSY = 30;
/** More jobs than run between two pauses. */
const SUPPLY = 500;

/**
 * Pauses the queue of a busy worker again and again. Returns the time from each call until the worker has no more jobs than it
 * runs, in ms.
 */
export async function pauseLatencies(bench: BenchSystem, options: PauseLatenciesOptions): Promise<number[]> {
  const { bytes, concurrency, count, batch } = options;
  const producer = await bench.system.openProducer({ ...bench, ...options });
  const worker = await bench.system.openWorker({ ...bench, ...options, onJob: () => pause(WORK) });
  const { control } = producer;
  worker.start();
  const samples: number[] = [];
  let ahead = 0;
  for (let i = 0; i < count; i++) {
    for (let pushed = 0; pushed < SUPPLY; pushed += batch) {
      await producer.pushMany(makePayloads(bytes, Math.min(batch, SUPPLY - pushed)));
    }
    await pause(BUSY + Math.random() * WORK);
    ahead = Math.max(ahead, (await control!.reserved()) - concurrency);
    const called = performance.now();
    await control!.pause();
    while ((await control!.reserved()) > concurrency) await pause(1);
    samples.push(performance.now() - called);
    await control!.resume();
  }
  await worker.stop();
  await producer.close();
  if (ahead <= 0) throw new Error('the worker never claimed jobs ahead');
  return samples;
}

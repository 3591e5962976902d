import type { BenchSystem, TaskOptions } from '../bench-system.js';

export interface OccurrencesOptions extends TaskOptions {
  readonly concurrency: number;
  /** The distance of two occurrences, in milliseconds. */
  readonly every: number;
  readonly count: number;
}

/** The number of first samples that do not count, because the code is not compiled yet. */
const WARM_UP = 10;

/** Runs a schedule on an idle worker. Returns how late the handlers of its jobs started, in ms. */
export async function occurrences(bench: BenchSystem, options: OccurrencesOptions): Promise<number[]> {
  const samples: number[] = [];
  let onEnough!: () => void;
  const enough = new Promise<void>((resolve) => (onEnough = resolve));
  const onOccurrence = (late: number): void => {
    if (samples.push(late) === options.count + WARM_UP) onEnough();
  };
  const worker = await bench.system.openWorker({ ...bench, ...options, onJob: () => undefined, onOccurrence });
  worker.start();
  await enough;
  await worker.stop();
  return samples.slice(WARM_UP, WARM_UP + options.count);
}

import { deferred } from '../../../support/deferred.js';
import { percentile } from '../../report/statistics.js';
import type { BenchSystem, TaskOptions } from '../bench-system.js';
import { machineTime } from '../machine-clock.js';
import type { Payload } from '../payload.js';
import { untilStill } from '../until-still.js';

export interface ReceiveOptions extends TaskOptions {
  readonly concurrency: number;
  /** The wanted percentiles, in percent. */
  readonly percents: readonly number[];
}

export interface Received {
  readonly jobs: number;
  /** The times from push to start, in milliseconds: one for each percent. */
  readonly percentiles: readonly number[];
}

/** Jobs of this first time do not count, because the worker first runs the jobs that waited for it. In milliseconds. */
const WARM_UP = 800;
/** After this time without a job the queue counts as empty, in milliseconds. */
const QUIET = 1_000;

/** Runs the jobs that another process pushes with `pushSteadily`, until no more come. */
export async function receive(bench: BenchSystem, options: ReceiveOptions): Promise<Received> {
  const samples: number[] = [];
  let jobs = 0;
  let first = Infinity;
  const begun = deferred();
  const onJob = ({ number }: Payload): void => {
    const now = machineTime();
    const pushed = Number(number) / 1000;
    if (jobs++ === 0) {
      first = pushed;
      begun.resolve();
    }
    if (pushed >= first + WARM_UP) samples.push(now - pushed);
  };
  const worker = await bench.system.openWorker({ ...bench, ...options, onJob });
  worker.start();
  await begun.promise;
  await untilStill(() => jobs, QUIET);
  await worker.stop();
  return { jobs, percentiles: options.percents.map((percent) => percentile(samples, percent)) };
}

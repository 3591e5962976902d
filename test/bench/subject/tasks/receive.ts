import { deferred } from '../../../support/deferred.js';
import { percentile } from '../../report/statistics.js';
import type { BenchSystem, TaskOptions } from '../bench-system.js';
import { machineTime } from '../machine-clock.js';
import type { Payload } from '../payload.js';
import { untilStill } from '../until-still.js';

export interface ReceiveOptions extends TaskOptions {
  readonly concurrency: number;
  /** Percents, for which percentiles to find. */
  readonly percents: readonly number[];
}

export interface Received {
  readonly jobs: number;
  /** The times from push to start, in milliseconds: one for each percent. */
  readonly percentiles: readonly number[];
}

/** What was pushed in this time is no sample: what had come before the worker is worked off in it. In milliseconds. */
const WARM_UP = 800;
/** After this time without a job there are none left, in milliseconds. */
const QUIET = 1_000;

/** Works what another process pushes with `pushSteadily`, until nothing more comes. */
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

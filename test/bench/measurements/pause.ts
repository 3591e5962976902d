import type { Result } from '../report/result.js';
import { percentile } from '../report/statistics.js';
import type { Measurement } from './measurement.interface.js';
import { inTurn, mapSamples } from './rounds.js';
import { BATCH, BYTES } from './workload.js';

const PERCENTS = [50, 99];
const OPTIONS = { bytes: BYTES, retention: '24h', concurrency: 10, batch: BATCH } as const;

/** Measures the time from a pause until a busy worker has given back what it had claimed ahead. */
export const pause: Measurement = {
  name: 'pause',
  systems: ['ours'],
  async run(bench) {
    const { rounds, latencySamples: count } = bench.effort;
    const samples = await inTurn(bench, rounds, (subject) => subject.run('pauseLatencies', { ...OPTIONS, count }));
    return PERCENTS.map((percent): Result => ({
      id: `pause.p${percent}`,
      title: `pause until nothing is claimed ahead, busy worker, p${percent}`,
      unit: 'ms',
      values: mapSamples(samples, (times) => percentile(times, percent)),
    }));
  },
};

import { percentile } from '../report/statistics.js';
import type { Result } from '../report/result.js';
import { QUEUE_SYSTEMS } from '../systems/systems.js';
import type { Measurement } from './measurement.interface.js';
import { inTurn, mapSamples } from './rounds.js';
import { BYTES } from './workload.js';

const PERCENTS = [50, 99];
const OPTIONS = { bytes: BYTES, retention: '24h', concurrency: 10 } as const;

/** Measures the time from a push to the start of the handler on an idle worker. */
export const latency: Measurement = {
  name: 'latency',
  systems: QUEUE_SYSTEMS,
  async run(bench) {
    const { rounds, latencySamples } = bench.effort;
    const samples = await inTurn(bench, rounds, (subject) =>
      subject.run('latencies', { ...OPTIONS, count: latencySamples }),
    );
    return PERCENTS.map((percent): Result => ({
      id: `latency.p${percent}`,
      title: `push to start, quiet queue, p${percent}`,
      unit: 'ms',
      values: mapSamples(samples, (times) => percentile(times, percent)),
    }));
  },
};

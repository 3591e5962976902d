import type { Result } from '../report/result.js';
import { percentile } from '../report/statistics.js';
import { OURS_AND_BULLMQ } from '../systems/systems.js';
import type { Measurement } from './measurement.interface.js';
import { inTurn, mapSamples, rateOf } from './rounds.js';
import { BYTES } from './workload.js';

const PERCENTS = [50, 99];
const AT_ONCE = 1_000;
const OPTIONS = { bytes: BYTES, retention: '24h', concurrency: 100, atOnce: AT_ONCE } as const;

/** Measures callers that push a job and wait for its result, a thousand at once. */
export const waits: Measurement = {
  name: 'push-and-wait',
  systems: OURS_AND_BULLMQ,
  async run(bench) {
    const { rounds, waits: count } = bench.effort;
    const samples = await inTurn(bench, rounds, (subject) => subject.run('pushAndWait', { ...OPTIONS, count }));
    const title = `push and wait for the result, ${AT_ONCE.toLocaleString('en-US')} under way`;
    return [
      { id: 'wait.rate', title, unit: 'jobs/s', values: mapSamples(samples, ({ timing }) => rateOf(timing)) },
      ...PERCENTS.map((percent): Result => ({
        id: `wait.p${percent}`,
        title: `${title}, p${percent}`,
        unit: 'ms',
        values: mapSamples(samples, ({ latencies }) => percentile(latencies, percent)),
      })),
    ];
  },
};

import type { Result } from '../report/result.js';
import { percentile } from '../report/statistics.js';
import type { Measurement } from './measurement.interface.js';
import { inTurn, mapSamples, measureRate } from './rounds.js';
import { BATCH, BYTES } from './workload.js';

const PERCENTS = [50, 99];
const OPTIONS = { bytes: BYTES, retention: '24h' } as const;
const AT_ONCE = 100;
const CONCURRENCY = 10;

/** Measures the rate at which waiting jobs are cancelled, and how fast the signals of running jobs are aborted. */
export const cancel: Measurement = {
  name: 'cancel',
  systems: ['ours'],
  async run(bench) {
    const values = await measureRate(bench, (subject, count) =>
      subject.run('cancelWaiting', { ...OPTIONS, count, batch: BATCH, atOnce: AT_ONCE }),
    );
    const { rounds, latencySamples: count } = bench.effort;
    const samples = await inTurn(bench, rounds, (subject) =>
      subject.run('cancelLatencies', { ...OPTIONS, count, concurrency: CONCURRENCY }),
    );
    return [
      { id: 'cancel.waiting', title: `cancel waiting jobs, ${AT_ONCE} under way`, unit: 'jobs/s', values },
      ...PERCENTS.map((percent): Result => ({
        id: `cancel.signal.p${percent}`,
        title: `cancel to signal of a running job, all slots busy, p${percent}`,
        unit: 'ms',
        values: mapSamples(samples, (times) => percentile(times, percent)),
      })),
    ];
  },
};

import type { Result } from '../report/result.js';
import { percentile } from '../report/statistics.js';
import type { Measurement } from './measurement.interface.js';
import { inTurn, mapSamples } from './rounds.js';
import { BATCH, BYTES } from './workload.js';

const OPTIONS = { bytes: BYTES, retention: 'none', batch: BATCH, concurrency: 100 } as const;
/** Beside the large tenant they are a thousand. */
const SMALL = { tenants: 999, jobs: 10 } as const;
/** Multiplies the time limit, because a round takes several seconds. */
const TIME_LIMIT_FACTOR = 2;

/** Measures how long the jobs of small tenants wait behind those of a large one, without and with a group for each tenant. */
export const fairness: Measurement = {
  name: 'fairness',
  systems: ['ours'],
  async run(bench) {
    const { effort, server } = bench;
    const longer = { ...bench, effort: { ...effort, timeLimit: effort.timeLimit * TIME_LIMIT_FACTOR } };
    const large = effort.dueJobs.ours;
    const samples = await inTurn(longer, effort.rounds, async (subject) => {
      const plain = await subject.run('waitBehind', { ...OPTIONS, large, small: SMALL });
      await server.empty();
      const grouped = await subject.run('waitBehind', { ...OPTIONS, large, small: SMALL, use: 'groups' });
      return { plain, grouped };
    });
    const of = `999 tenants with 10 jobs wait behind one with ${large.toLocaleString('en-US')}`;
    return [
      {
        id: 'fairness.plain',
        title: `${of}, p99`,
        unit: 'ms',
        values: mapSamples(samples, (each) => percentile(each.plain, 99)),
      },
      {
        id: 'fairness.groups',
        title: `${of}, a group each, p99`,
        unit: 'ms',
        values: mapSamples(samples, (each) => percentile(each.grouped, 99)),
      },
    ] satisfies Result[];
  },
};

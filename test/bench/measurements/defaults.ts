import type { Result } from '../report/result.js';
import type { Subject } from '../subject/subject.js';
import type { Omission } from '../systems/system.interface.js';
import type { Measurement } from './measurement.interface.js';
import { chooseCounts, inTurn, rateOf } from './rounds.js';
import { BATCH, BYTES } from './workload.js';

const CONCURRENCY = 100;
const RETENTION = '24h';
/** What is turned off, with the title of the row. */
const OMISSIONS: Readonly<Record<Omission, string>> = {
  statistics: 'without statistics',
  records: 'without records of completed jobs',
};

/** Measures what the features cost that are on by default: the rate with them as a part of the rate without one of them. */
export const defaults: Measurement = {
  name: 'defaults',
  systems: ['ours'],
  async run(bench) {
    const run = async (subject: Subject, count: number, without?: Omission) => {
      const options = { bytes: BYTES, retention: RETENTION, count, without } as const;
      await subject.run('pushMany', { ...options, batch: BATCH });
      return subject.run('work', { ...options, concurrency: CONCURRENCY });
    };
    const omissions = Object.keys(OMISSIONS) as Omission[];
    const counts = await chooseCounts(bench, (subject, count) => run(subject, count));
    const samples = await inTurn(bench, bench.effort.rounds, async (subject) => {
      const count = counts.get(subject)!;
      const all = rateOf(await run(subject, count));
      const rates: number[] = [];
      for (const without of omissions) rates.push(rateOf(await run(subject, count, without)));
      return { all, rates };
    });
    return omissions.flatMap((without, i): Result[] => {
      const title = `empty jobs, concurrency 100, kept 24 h, ${OMISSIONS[without]}`;
      const ours = samples.ours?.map(({ rates }) => rates[i]!) ?? [];
      const parts = samples.ours?.map(({ all, rates }) => all / rates[i]!) ?? [];
      return [
        { id: `defaults.${without}`, title, unit: 'jobs/s', values: { ours } },
        { id: `defaults.${without}.part`, title: `${title}: part with them`, unit: 'part', values: { ours: parts } },
      ];
    });
  },
};

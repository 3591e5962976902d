import type { Result } from '../report/result.js';
import type { Subject } from '../subject/subject.js';
import type { Use } from '../systems/system.interface.js';
import type { Measurement } from './measurement.interface.js';
import { chooseCounts, inTurn, rateOf } from './rounds.js';
import { BATCH, BYTES } from './workload.js';

const CONCURRENCY = 100;
const RETENTION = '24h';
/** What the jobs use, with the title of the row. */
const USES = {
  results: 'each keeps its result',
  progress: 'each tells its progress once',
  logs: 'each logs two lines',
  releases: 'each is released once',
  chunks: '100 in one call',
  expiry: 'each has to start within an hour',
  retryFor: 'each has a time for tries',
} as const satisfies Partial<Record<Use, string>>;

/** Measures the rate of empty jobs that tell or use something, and its part of the rate of the same jobs without. */
export const telling: Measurement = {
  name: 'telling',
  systems: ['ours'],
  async run(bench) {
    const run = async (subject: Subject, count: number, use?: Use) => {
      const options = { bytes: BYTES, retention: RETENTION, count, use } as const;
      await subject.run('pushMany', { ...options, batch: BATCH });
      return subject.run('work', { ...options, concurrency: CONCURRENCY });
    };
    const uses = Object.keys(USES) as (keyof typeof USES)[];
    const counts = await chooseCounts(bench, (subject, count) => run(subject, count));
    const samples = await inTurn(bench, bench.effort.rounds, async (subject) => {
      const count = counts.get(subject)!;
      const plain = rateOf(await run(subject, count));
      const rates: number[] = [];
      for (const use of uses) rates.push(rateOf(await run(subject, count, use)));
      return { plain, rates };
    });
    return uses.flatMap((use, i): Result[] => {
      const title = `empty jobs, concurrency 100, kept 24 h, ${USES[use]}`;
      const ours = samples.ours?.map(({ rates }) => rates[i]!) ?? [];
      const parts = samples.ours?.map(({ plain, rates }) => rates[i]! / plain) ?? [];
      return [
        { id: `telling.${use}`, title, unit: 'jobs/s', values: { ours } },
        { id: `telling.${use}.part`, title: `${title}: part`, unit: 'part', values: { ours: parts } },
      ];
    });
  },
};

import type { Result } from '../report/result.js';
import type { Timing } from '../subject/bench-system.js';
import type { Subject } from '../subject/subject.js';
import type { Use } from '../systems/system.interface.js';
import type { Measurement } from './measurement.interface.js';
import { chooseCounts, inTurn, mapSamples, rateOf } from './rounds.js';
import { BATCH, BYTES } from './workload.js';

const OPTIONS = { bytes: BYTES, retention: '24h', batch: BATCH, concurrency: 100 } as const;
const TITLE = 'unique jobs, each of a key of its own, pushed and run, kept 24 h';

/** Measures the rate at which unique jobs are pushed and run, and its part of the rate of the same jobs that are not unique. */
export const unique: Measurement = {
  name: 'unique',
  systems: ['ours', 'bullmq'],
  async run(bench) {
    const run = async (subject: Subject, count: number, use?: Use): Promise<Timing> => {
      const pushed = await subject.run('pushMany', { ...OPTIONS, count, use });
      const worked = await subject.run('work', { ...OPTIONS, count, use });
      return { ...worked, seconds: pushed.seconds + worked.seconds };
    };
    const counts = await chooseCounts(bench, (subject, count) => run(subject, count));
    const samples = await inTurn(bench, bench.effort.rounds, async (subject) => {
      const count = counts.get(subject)!;
      const plain = rateOf(await run(subject, count));
      await bench.server.empty();
      return { plain, rate: rateOf(await run(subject, count, 'unique')) };
    });
    const results: Result[] = [
      { id: 'unique.rate', title: TITLE, unit: 'jobs/s', values: mapSamples(samples, ({ rate }) => rate) },
      {
        id: 'unique.part',
        title: `${TITLE}: part`,
        unit: 'part',
        values: mapSamples(samples, ({ rate, plain }) => rate / plain),
      },
    ];
    return results;
  },
};

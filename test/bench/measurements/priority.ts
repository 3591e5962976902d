import type { Result } from '../report/result.js';
import type { Subject } from '../subject/subject.js';
import type { Use } from '../systems/system.interface.js';
import { OURS_AND_BULLMQ } from '../systems/systems.js';
import type { Measurement } from './measurement.interface.js';
import { chooseCounts, inTurn, mapSamples } from './rounds.js';
import { BATCH, BYTES } from './workload.js';

const OPTIONS = { bytes: BYTES, retention: 'none', batch: BATCH, concurrency: 100 } as const;

/** Measures the rate at which jobs of 21 priorities are pushed and run, and its part of the rate of jobs without. */
export const priority: Measurement = {
  name: 'priority',
  systems: OURS_AND_BULLMQ,
  async run(bench) {
    const timeOf = async (subject: Subject, count: number, use?: Use) => {
      const push = await subject.run('pushMany', { ...OPTIONS, count, use });
      const work = await subject.run('work', { ...OPTIONS, count, use });
      return { jobs: count, seconds: push.seconds + work.seconds, processor: push.processor + work.processor };
    };
    const counts = await chooseCounts(bench, (subject, count) => timeOf(subject, count, 'priority'));
    const samples = await inTurn(bench, bench.effort.rounds, async (subject) => {
      const count = counts.get(subject)!;
      const plain = await timeOf(subject, count);
      const ranked = await timeOf(subject, count, 'priority');
      return { rate: count / ranked.seconds, part: plain.seconds / ranked.seconds };
    });
    const title = 'empty jobs of 21 priorities, pushed and run, concurrency 100';
    return [
      { id: 'priority.rate', title, unit: 'jobs/s', values: mapSamples(samples, ({ rate }) => rate) },
      { id: 'priority.part', title: `${title}: part`, unit: 'part', values: mapSamples(samples, ({ part }) => part) },
    ] satisfies Result[];
  },
};

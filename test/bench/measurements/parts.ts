import type { Result } from '../report/result.js';
import type { Timing } from '../subject/bench-system.js';
import type { Subject } from '../subject/subject.js';
import type { Use } from '../systems/system.interface.js';
import type { Bench } from './measurement.interface.js';
import { chooseCounts, inTurn, mapSamples, rateOf, type Samples } from './rounds.js';

/** What the jobs of a row use. */
export interface UsedRow {
  /** The id of the row; that of its part has `.part` behind it. */
  readonly id: string;
  readonly title: string;
  readonly use: Use;
}

/**
 * Measures the rate of jobs that use something, a row for each use, and its part of the rate of the same jobs without.
 *
 * @param timeOf runs so many jobs, and times what is measured
 */
export async function measureParts(
  bench: Bench,
  rows: readonly UsedRow[],
  timeOf: (subject: Subject, count: number, use?: Use) => Promise<Timing>,
): Promise<Result[]> {
  const counts = await chooseCounts(bench, (subject, count) => timeOf(subject, count));
  const samples = await inTurn(bench, bench.effort.rounds, async (subject) => {
    const count = counts.get(subject)!;
    const plain = rateOf(await timeOf(subject, count));
    const rates: number[] = [];
    for (const { use } of rows) {
      await bench.server.empty();
      rates.push(rateOf(await timeOf(subject, count, use)));
    }
    return { plain, rates };
  });
  return rows.flatMap(({ id, title }, i): Result[] => {
    const values: Samples = mapSamples(samples, ({ rates }) => rates[i]!);
    const parts: Samples = mapSamples(samples, ({ plain, rates }) => rates[i]! / plain);
    return [
      { id, title, unit: 'jobs/s', values },
      { id: `${id}.part`, title: `${title}: part`, unit: 'part', values: parts },
    ];
  });
}

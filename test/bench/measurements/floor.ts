import { rateOfBoth } from '../report/statistics.js';
import type { Result } from '../report/result.js';
import type { Bench, Measurement } from './measurement.interface.js';
import { chooseCounts, inTurn, mapSamples, rateOf, type Samples } from './rounds.js';
import { BYTES, pushAndWork } from './workload.js';

const CONCURRENCY = 100;
/** The larger number of jobs in one bare `LPOP`. */
const MORE = 500;
/** The number of jobs in one call of `pushMany`. Bare lists send them as several `RPUSH` of 500 at once. */
const BATCH = 5_000;

/** The rates of a round, in jobs a second. */
interface Rates {
  readonly push: number;
  readonly work: number;
  /** The rate of bare lists with `LPOP` of 500. */
  readonly workMore: number;
}

/**
 * Compares the library with the fastest possible use of a Redis list: the same jobs, pushed with `pushMany` and run at
 * concurrency 100 without retention, against `RPUSH` of 500 and `LPOP` of 100 (or 500) with `JSON.parse`, in one process
 * each.
 */
export const floor: Measurement = {
  name: 'floor',
  systems: ['ours', 'bare'],
  async run(bench) {
    const samples = await measure(bench);
    const push = mapSamples(samples, (rates) => rates.push);
    const work = mapSamples(samples, (rates) => rates.work);
    const both = mapSamples(samples, (rates) => rateOfBoth(rates.push, rates.work));
    const more = { ours: work.ours, bare: samples.bare?.map((rates) => rates.workMore) };
    return [
      ...compare('push-many', 'pushMany, against bare RPUSH of 500', push),
      ...compare('work', 'empty jobs, concurrency 100, against bare LPOP of 100', work),
      ...compare('work-500', 'empty jobs, concurrency 100, against bare LPOP of 500', more),
      ...compare('both', 'pushMany and then that, against RPUSH of 500 and LPOP of 100', both),
    ];
  },
};

async function measure(bench: Bench): Promise<Samples<Rates>> {
  const options = { bytes: BYTES, batch: BATCH };
  const counts = await chooseCounts(bench, async (subject, count) => {
    const { work } = await pushAndWork(subject, { ...options, count, concurrency: CONCURRENCY });
    return work;
  });
  return inTurn(bench, bench.effort.rounds, async (subject) => {
    const count = counts.get(subject)!;
    const way = await pushAndWork(subject, { ...options, count, concurrency: CONCURRENCY });
    const rates = { push: rateOf(way.push), work: rateOf(way.work), workMore: NaN };
    if (subject.system !== 'bare') return rates;
    const more = await pushAndWork(subject, { ...options, count, concurrency: MORE });
    return { ...rates, workMore: rateOf(more.work) };
  });
}

/** Makes two results: the rates of both systems, and the rate of ours as a part of the bare one. */
function compare(id: string, title: string, { ours = [], bare = [] }: Samples): Result[] {
  const parts = ours.map((rate, round) => rate / bare[round]!);
  return [
    { id: `floor.${id}`, title, unit: 'jobs/s', values: { ours, bare } },
    { id: `floor.${id}.part`, title: `${title}: part`, unit: 'part', values: { ours: parts } },
  ];
}

import type { Result } from '../report/result.js';
import { OURS_AND_BULLMQ } from '../systems/systems.js';
import type { Bench, Measurement } from './measurement.interface.js';
import { chooseCounts, inTurn, mapSamples, rateOf } from './rounds.js';
import { pushAndWork } from './workload.js';

/** Bytes, as JSON. The library refuses more than 256 kB by default. */
const SIZES = [100, 1_000, 10_000, 100_000];
const CONCURRENCY = 100;
const MOST_JOBS_A_CALL = 1_000;
const MOST_BYTES_A_CALL = 10_000_000;
/** The most bytes of a timed section, divided by its most jobs. */
const BYTES_A_JOB = 250;
/** The least number of jobs in a timed section, even above that limit. */
const LEAST_JOBS = 200;
/** Multiplies the time limit, because there are four sizes. */
const TIME_LIMIT_FACTOR = 0.6;

/** Measures the rates for different sizes of data. */
export const payloads: Measurement = {
  name: 'payloads',
  systems: OURS_AND_BULLMQ,
  async run(bench) {
    const results: Result[] = [];
    for (const bytes of SIZES) results.push(...(await measure(bench, bytes)));
    return results;
  },
};

async function measure(bench: Bench, bytes: number): Promise<Result[]> {
  const { maxJobs, timeLimit } = bench.effort;
  const effort = {
    ...bench.effort,
    maxJobs: Math.min(maxJobs, Math.max((maxJobs * BYTES_A_JOB) / bytes, LEAST_JOBS)),
    timeLimit: timeLimit * TIME_LIMIT_FACTOR,
  };
  const batch = Math.min(MOST_JOBS_A_CALL, MOST_BYTES_A_CALL / bytes);
  const options = { bytes, batch, concurrency: CONCURRENCY };
  const limited = { ...bench, effort };
  const counts = await chooseCounts(limited, async (subject, count) => {
    const { work } = await pushAndWork(subject, { ...options, count });
    return work;
  });
  const samples = await inTurn(limited, effort.rounds, async (subject) =>
    pushAndWork(subject, { ...options, count: counts.get(subject)! }),
  );
  const size = bytes < 1_000 ? `${bytes} bytes` : `${bytes / 1_000} kB`;
  return [
    {
      id: `payloads.push-many.${bytes}`,
      title: `pushMany, ${size} of data`,
      unit: 'jobs/s',
      values: mapSamples(samples, ({ push }) => rateOf(push)),
    },
    {
      id: `payloads.work.${bytes}`,
      title: `empty jobs, ${size} of data`,
      unit: 'jobs/s',
      values: mapSamples(samples, ({ work }) => rateOf(work)),
    },
  ];
}

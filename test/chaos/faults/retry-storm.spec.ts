import { describe, expect, it } from '@jest/globals';
import { Chaos } from '../harness/chaos.js';
import { sized } from '../harness/size.js';
import { FailAtJob } from '../process/jobs.js';

/** How finely the retries are counted, in parts of the time over which they are to be spread. */
const BUCKETS = 20;

describe('jobs that fail all at once', () => {
  const chaos = new Chaos();

  it('do not come back all at once', async () => {
    const { jobs, workers, claims, retryDelay, retryJitter } = sized({
      short: { jobs: 600, workers: 1, claims: 2_000, retryDelay: 1, retryJitter: 1 },
      // The defaults.
      long: { jobs: 10_000, workers: 2, claims: 20_000, retryDelay: 60, retryJitter: 0.1 },
    });
    await chaos.begin({ queue: { jobs: { retryDelay, retryJitter } }, worker: { concurrency: jobs / workers } });
    await chaos.workers(workers);
    const failAt = Date.now() + claims;
    await chaos.producer.pushMany(
      FailAtJob,
      Array.from({ length: jobs }, () => failAt),
    );
    await chaos.held(jobs);
    expect(Date.now()).toBeLessThan(failAt);
    await chaos.drained();
    const starts = Object.values(await chaos.histories())
      .flat()
      .flatMap((event) => (event.type === 'start' && event.attempt === 2 ? [event.at] : []));
    const from = failAt + retryDelay * 1000;
    const buckets = count(starts, from, (retryDelay * retryJitter * 1000) / BUCKETS);
    const peakOverMean = (Math.max(...buckets) * BUCKETS) / jobs;
    const { figures } = await chaos.expectAllWell({
      fault: 'a storm of retries',
      also: { 'peak over mean of retries started': Number(peakOverMean.toFixed(2)) },
    });
    expect(figures).toMatchObject({ jobs, runs: 2 * jobs, lost: 0, extra: 0, refused: 0 });
    expect(peakOverMean).toBeLessThan(3);
  });
});

/** How many of the times are in each span from the first one on. */
function count(times: readonly number[], from: number, span: number): number[] {
  const counts: number[] = [];
  for (const time of times) {
    const bucket = Math.floor((time - from) / span);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return Array.from(counts, (each) => each ?? 0);
}

import { describe, expect, it } from '@jest/globals';
import { Chaos } from '../harness/chaos.js';
import { LONG, sized } from '../harness/size.js';
import { FailAtJob } from '../process/jobs.js';

/** The number of parts into which the time of the retries is divided, to count the retries in each. */
const BUCKETS = 20;

describe('jobs that fail at the same moment', () => {
  const chaos = new Chaos();

  it('are retried at different times', async () => {
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
    const events = Object.values(await chaos.histories()).flat();
    const due = events.flatMap((event) =>
      event.type === 'settled'
        ? event.jobs.flatMap(({ kind, delay }) => (kind === 'retry' ? [event.sentAt + delay * 1000] : []))
        : [],
    );
    const started = events.flatMap((event) => (event.type === 'start' && event.attempt === 2 ? [event.at] : []));
    const spread = retryDelay * retryJitter * 1000;
    const peaks = { due: peakOverMean(due, spread), started: peakOverMean(started, spread) };
    const { figures } = await chaos.expectAllWell({
      fault: 'a storm of retries',
      also: { 'peak over mean of retries due': peaks.due, 'of retries started': peaks.started },
    });
    expect(figures).toMatchObject({ jobs, runs: 2 * jobs, lost: 0, extra: 0, refused: 0 });
    expect(due).toHaveLength(jobs);
    expect(peaks.due).toBeLessThan(3);
    // In the short form, a busy machine starts the retries in bursts.
    if (LONG) expect(peaks.started).toBeLessThan(3);
  });
});

/** Divides the count of the fullest part by the mean count of all parts. */
function peakOverMean(times: readonly number[], spread: number): number {
  const counts = count(times, Math.min(...times), spread / BUCKETS);
  return Number(((Math.max(...counts) * BUCKETS) / times.length).toFixed(2));
}

/** Counts the times in each span, from `from` on. */
function count(times: readonly number[], from: number, span: number): number[] {
  const counts: number[] = [];
  for (const time of times) {
    const bucket = Math.floor((time - from) / span);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return Array.from(counts, (each) => each ?? 0);
}

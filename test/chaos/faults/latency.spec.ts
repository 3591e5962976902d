import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { Chaos } from '../harness/chaos.js';
import { startWorkers } from '../harness/start-workers.js';
import { sized, TEST_LIMIT } from '../harness/size.js';
import { QuickJob, SlowJob } from '../process/jobs.js';
import { countLiveJobs } from '../../support/live-jobs.js';

/** Milliseconds, each way. */
const LATENCY = 200;

describe('a network with a high latency', () => {
  const chaos = new Chaos();

  it('loses no job and no lease', async () => {
    const { jobs } = sized({ short: { jobs: 1_000 }, long: { jobs: 10_000 } });
    await chaos.begin({ worker: { lease: 2, concurrency: 50 } });
    const proxy = await chaos.proxy();
    const { host, port } = proxy;
    await startWorkers(chaos, 2, { redis: { host, port } });
    const producer = await chaos.producerAt(proxy);
    proxy.delay(LATENCY);
    // These jobs take longer than a lease, so the worker has to prolong it.
    const long = [2_500, 2_500];
    await producer.pushMany(SlowJob, long);
    await chaos.producer.pushMany(
      QuickJob,
      Array.from({ length: jobs }, (_, i) => i),
    );
    const startedAt = Date.now();
    await eventually(async () => (await countLiveJobs(chaos.client)) <= long.length, {
      timeout: TEST_LIMIT,
    });
    const seconds = (Date.now() - startedAt) / 1000;
    expect(seconds).toBeGreaterThan((2 * LATENCY) / 1000);
    await chaos.drained();
    const also = { 'jobs a second': Math.round(jobs / seconds) };
    const { figures } = await chaos.expectAllWell({ fault: `a latency of ${LATENCY} ms each way`, also });
    expect(figures).toMatchObject({
      jobs: jobs + long.length,
      runs: jobs + long.length,
      lost: 0,
      extra: 0,
      refused: 0,
    });
  });
});

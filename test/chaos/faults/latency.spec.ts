import { describe, expect, it } from '@jest/globals';
import { Chaos } from '../harness/chaos.js';
import { startCrew } from '../harness/crew.js';
import { sized } from '../harness/size.js';
import { QuickJob, SlowJob } from '../process/jobs.js';

/** Milliseconds, each way. */
const LATENCY = 200;

describe('a network with a long way', () => {
  const chaos = new Chaos();

  it('works, and leases are kept', async () => {
    const { jobs } = sized({ short: { jobs: 1_000 }, long: { jobs: 20_000 } });
    await chaos.begin({ worker: { lease: 2, concurrency: 50 } });
    const proxy = await chaos.proxy();
    const { host, port } = proxy;
    await startCrew(chaos, 2, { redis: { host, port } });
    const producer = await chaos.producerAt(proxy);
    proxy.delay(LATENCY);
    const startedAt = Date.now();
    // They outlive their lease, if nobody prolongs it.
    const long = [2_500, 2_500];
    await producer.pushMany(SlowJob, long);
    await producer.pushMany(
      QuickJob,
      Array.from({ length: jobs }, (_, i) => i),
    );
    await chaos.drained();
    const seconds = (Date.now() - startedAt) / 1000;
    expect(seconds).toBeGreaterThan(2 + (2 * LATENCY) / 1000);
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

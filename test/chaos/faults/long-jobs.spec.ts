import { describe, expect, it } from '@jest/globals';
import { Chaos } from '../harness/chaos.js';
import { sized } from '../harness/size.js';
import { BlockJob, SlowJob } from '../process/jobs.js';

/** Seconds. */
const LEASE = 1.5;

describe('a job that takes longer than its lease', () => {
  const chaos = new Chaos();

  it('runs once beside a worker with free slots, whether it waits or blocks the event loop', async () => {
    const { waits, blocks } = sized({ short: { waits: 5, blocks: 3 }, long: { waits: 20, blocks: 8 } });
    await chaos.begin({ worker: { lease: LEASE } });
    await chaos.workers(2);
    await chaos.producer.push(SlowJob, waits * LEASE * 1000);
    await chaos.producer.push(BlockJob, blocks * LEASE * 1000);
    await chaos.drained();
    const { figures } = await chaos.expectAllWell({
      fault: 'jobs longer than the lease',
      also: { 'waits (leases)': waits, 'blocks the event loop (leases)': blocks },
    });
    expect(figures).toMatchObject({ jobs: 2, runs: 2, extra: 0, refused: 0 });
  });
});

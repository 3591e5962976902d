import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { countLiveJobs } from '../../support/live-jobs.js';
import { Chaos } from '../harness/chaos.js';
import { QuickJob, SlowJob } from '../process/jobs.js';

/** Seconds. */
const LEASE = 1;

describe('jobs that are cancelled while their worker runs them', () => {
  const chaos = new Chaos();

  it('do not run again after the worker was killed', async () => {
    await chaos.begin({ worker: { lease: LEASE, concurrency: 4 } });
    const first = await chaos.worker();
    const ids = await chaos.producer.pushMany(SlowJob, [60_000, 60_000, 60_000]);
    await eventually(async () => (await chaos.starts(first)) === ids.length);
    const { queue } = chaos.producer;
    // Somebody sends each request twice.
    const answers = await Promise.all([...ids, ...ids].map((id) => queue.cancel(id, 'no use')));
    expect(new Set(answers)).toEqual(new Set(['cancelling']));
    await first.kill();
    const second = await chaos.worker();
    const states = () => Promise.all(ids.map(async (id) => (await queue.getJobStatus(id))?.status));
    await eventually(async () => expect(await states()).toEqual(ids.map(() => 'cancelled')), { timeout: 20_000 });
    const done = await chaos.producer.push(QuickJob, 1);
    await eventually(async () => (await queue.getJobStatus(done))?.status === 'completed');
    expect(await chaos.starts(second)).toBe(1);
    expect(await chaos.client.exists('queue:default:cancelled')).toBe(0);
    expect(await countLiveJobs(chaos.client)).toBe(0);
  });
});

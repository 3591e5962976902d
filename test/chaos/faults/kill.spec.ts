import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { Chaos } from '../harness/chaos.js';
import { sized } from '../harness/size.js';
import { QuickJob, SlowJob } from '../process/jobs.js';
import { countLiveJobs } from '../../support/live-jobs.js';

/** Seconds. */
const LEASE = 2;

describe('workers that are killed', () => {
  const chaos = new Chaos();

  it('lose no job, and only the jobs that they held run again', async () => {
    const { jobs, kills, workers } = sized({
      short: { jobs: 1_000, kills: 2, workers: 2 },
      long: { jobs: 20_000, kills: 12, workers: 3 },
    });
    await chaos.begin({ worker: { lease: LEASE } });
    const left = (): Promise<number> => countLiveJobs(chaos.client);
    const processes = await chaos.workers(workers);
    const times = Array.from({ length: jobs / 2 }, (_, i) => 5 + (i % 20));
    await chaos.producer.pushMany(QuickJob, Array.from(times.keys()));
    await chaos.producer.pushMany(SlowJob, times);
    for (let kill = 1; kill <= kills; kill++) {
      await eventually(async () => (await left()) < jobs / 2 - ((jobs / 2) * kill) / (kills + 1), { timeout: 60_000 });
      await processes.shift()!.kill();
      processes.push(await chaos.worker());
    }
    await chaos.drained();
    const { figures } = await chaos.expectAllWell({ fault: 'kill -9 of workers, again and again' });
    expect(figures).toMatchObject({ jobs, lost: 0 });
    // Each killed worker has to hold a job, else the test proves nothing.
    expect(figures.held).toBeGreaterThanOrEqual(kills);
  });
});

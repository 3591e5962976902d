import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { countLiveJobs } from '../../support/live-jobs.js';
import { Chaos } from '../harness/chaos.js';
import { sized } from '../harness/size.js';
import { ChunkJob, KillChunkJob, SlowJob } from '../process/jobs.js';

/** After this number of lost workers a job fails. */
const CRASHES = 3;

describe('workers with chunks that are killed', () => {
  const chaos = new Chaos();

  it('lose no item, and only the items that they held run again', async () => {
    const { jobs, kills, workers } = sized({
      short: { jobs: 2_000, kills: 2, workers: 2 },
      long: { jobs: 20_000, kills: 12, workers: 3 },
    });
    await chaos.begin({ worker: { lease: 2, concurrency: 2 } });
    const processes = await chaos.workers(workers);
    // Each tenth item fails once, and other jobs are between them.
    const failures = Array.from({ length: jobs }, (_, i) => (i % 10 === 0 ? 1 : 0));
    for (let at = 0; at < jobs; at += 500) {
      await chaos.producer.pushMany(ChunkJob, failures.slice(at, at + 500));
      await chaos.producer.pushMany(SlowJob, [1, 1, 1, 1, 1]);
    }
    for (let kill = 1; kill <= kills; kill++) {
      const left = jobs - (jobs * kill) / (kills + 1);
      await eventually(async () => (await countLiveJobs(chaos.client)) < left, { timeout: 60_000 });
      await processes.shift()!.kill();
      processes.push(await chaos.worker());
    }
    await chaos.drained();
    const { figures } = await chaos.expectAllWell({ fault: 'kill -9 of workers with chunks, again and again' });
    expect(figures).toMatchObject({ jobs: jobs + jobs / 100, lost: 0 });
    // A killed worker has to hold items, else the test proves nothing.
    expect(figures.held).toBeGreaterThanOrEqual(kills);
  });

  it('by an item of the chunk fail that item, and every other one completes', async () => {
    const { items, guilty } = sized({ short: { items: 100, guilty: 1 }, long: { items: 1_000, guilty: 4 } });
    await chaos.begin({ worker: { lease: 1, concurrency: 2 } });
    const every = Math.floor(items / guilty);
    const ids = await chaos.producer.pushMany(
      KillChunkJob,
      Array.from({ length: items }, (_, i) => i % every === every / 2),
    );
    const culprits = ids.filter((_, i) => i % every === every / 2);
    await chaos.supervised(2);
    await chaos.drained();
    const { deaths } = chaos;
    const { figures } = await chaos.expectAllWell(
      { fault: 'items of chunks that end their process by SIGKILL', also: { guilty, deaths } },
      { mayFail: ({ id }) => culprits.includes(id) },
    );
    expect(figures).toMatchObject({ jobs: items, lost: 0 });
    for (const id of culprits)
      expect(await chaos.producer.queue.getJobStatus(id)).toMatchObject({ status: 'failed', attempt: 1 });
    expect(deaths).toBeLessThanOrEqual(CRASHES * guilty);
  });
});

import { describe, expect, it } from '@jest/globals';
import { Chaos } from '../harness/chaos.js';
import { LONG, sized } from '../harness/size.js';
import { ExitJob, HeapJob, KillJob, SlowJob } from '../process/jobs.js';

/** After this number of lost workers a job fails. */
const CRASHES = 3;

describe('jobs that end their process', () => {
  const chaos = new Chaos();

  const culprits = [
    ['SIGKILL', KillJob],
    ['process.exit()', ExitJob],
    ['a full heap', HeapJob],
  ] as const;

  it.each(culprits.slice(0, LONG ? undefined : 1))('by %s fail, and every other job completes', async (by, job) => {
    const { guilty, innocents } = sized({
      short: { guilty: 1, innocents: 200 },
      long: { guilty: 4, innocents: 2_000 },
    });
    await chaos.begin({ worker: { lease: 1, concurrency: 10 } });
    const times = Array.from({ length: innocents }, (_, i) => 20 + (i % 30));
    await chaos.producer.pushMany(SlowJob, times.slice(0, innocents / 2));
    const ids = await chaos.producer.pushMany(
      job,
      Array.from({ length: guilty }, () => 0),
    );
    await chaos.producer.pushMany(SlowJob, times.slice(innocents / 2));
    await chaos.supervised(2, { nodeArgs: ['--max-old-space-size=48'] });
    await chaos.drained();
    const statuses = await Promise.all(ids.map((id) => chaos.producer.queue.getJobStatus(id)));
    const { deaths } = chaos;
    const { figures, timeline } = await chaos.expectAllWell(
      { fault: `jobs that end their process by ${by}`, also: { guilty, deaths } },
      { mayFail: ({ name }) => name === job.name },
    );
    expect(figures).toMatchObject({ jobs: innocents + guilty, lost: 0 });
    for (const status of statuses) expect(status).toMatchObject({ status: 'failed', attempt: 1 });
    // A job can lose its worker before it starts, if a job of the same claim kills the worker.
    const startsOf = (id: string): number =>
      timeline.runs.get(id)!.filter(({ startedAt }) => startedAt.length > 0).length;
    expect(Math.max(...ids.map(startsOf))).toBe(CRASHES);
    expect(deaths).toBeGreaterThanOrEqual(CRASHES);
    expect(deaths).toBeLessThanOrEqual(CRASHES * guilty);
  });
});

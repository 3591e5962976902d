import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { countLiveJobs } from '../../support/live-jobs.js';
import { limitsHeld } from '../checks/limits.js';
import { Chaos } from '../harness/chaos.js';
import { sized } from '../harness/size.js';
import { SlowJob } from '../process/jobs.js';

/** Seconds. */
const LEASE = 1;
const LIMITS = { concurrency: 8, rateLimit: { max: 12, per: 0.1 } } as const;

describe('workers of a queue with limits that are killed', () => {
  const chaos = new Chaos();

  it('never run too many jobs, and lose none', async () => {
    const { jobs, kills, workers } = sized({
      short: { jobs: 500, kills: 2, workers: 3 },
      long: { jobs: 6_000, kills: 12, workers: 4 },
    });
    await chaos.begin({ worker: { lease: LEASE, concurrency: 6 }, queue: { queues: { '*': LIMITS } } });
    const processes = await chaos.workers(workers);
    const killedAt = new Map<string, number>();
    let most = 0;
    await chaos.producer.pushMany(
      SlowJob,
      Array.from({ length: jobs }, (_, i) => 20 + (i % 100)),
    );
    const left = async (): Promise<number> => {
      most = Math.max(most, await chaos.heldNow());
      return countLiveJobs(chaos.client);
    };
    for (let kill = 1; kill <= kills; kill++) {
      await eventually(async () => (await left()) < jobs - (jobs * kill) / (kills + 1), { timeout: 60_000 });
      const killed = processes.shift()!;
      // Each killed worker has to hold a place, else the test proves nothing.
      await eventually(async () => (await chaos.running(killed)) > 1);
      await killed.kill();
      killedAt.set(killed.name, Date.now());
      processes.push(await chaos.worker());
    }
    // If a place of a killed worker stayed taken, the other workers would slow down, and stop at last.
    await eventually(async () => (await left()) === 0, { timeout: 120_000 });
    const { wrong, figures: limits } = limitsHeld(await chaos.histories(), LIMITS, killedAt);
    expect(wrong).toEqual([]);
    expect(most).toBeLessThanOrEqual(LIMITS.concurrency);
    // All places are used again after the kills.
    expect(limits.atOnce).toBe(LIMITS.concurrency);
    const also = { kills, 'most at once': limits.atOnce, 'shortest window, ms': Math.round(limits.shortest / 1_000) };
    const { figures } = await chaos.expectAllWell({ fault: 'kill -9 of workers of a queue with limits', also });
    expect(figures).toMatchObject({ jobs, lost: 0 });
    expect(figures.held).toBeGreaterThanOrEqual(kills);
  });
});

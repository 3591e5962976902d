import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { Chaos } from '../harness/chaos.js';
import { sized } from '../harness/size.js';
import { HangJob, QuickJob, SlowJob } from '../process/jobs.js';
import { countLiveJobs } from '../../support/live-jobs.js';

const BY_SIGTERM = { code: null, signal: 'SIGTERM' };

describe('workers that get a SIGTERM', () => {
  const chaos = new Chaos();

  it('cause no extra run, and leave no job behind', async () => {
    const { jobs, stops, workers } = sized({
      short: { jobs: 800, stops: 2, workers: 2 },
      long: { jobs: 20_000, stops: 10, workers: 3 },
    });
    await chaos.begin({ worker: { lease: 10 } });
    const left = (): Promise<number> => countLiveJobs(chaos.client);
    const processes = await chaos.workers(workers);
    const times = Array.from({ length: jobs / 2 }, (_, i) => 20 + (i % 40));
    await chaos.producer.pushMany(QuickJob, times);
    await chaos.producer.pushMany(SlowJob, times);
    let running = 0;
    for (let stop = 1; stop <= stops; stop++) {
      await eventually(async () => (await left()) < (jobs / 2) * (1 - stop / (stops + 1)), { timeout: 60_000 });
      const leaving = processes.shift()!;
      const replacement = chaos.worker();
      const signalledAt = Date.now();
      await leaving.drain();
      running += await chaos.running(leaving, signalledAt);
      expect(await leaving.exited).toEqual(BY_SIGTERM);
      processes.push(await replacement);
    }
    await chaos.drained();
    const { figures } = await chaos.expectAllWell({
      fault: 'SIGTERM in the middle',
      also: { stops, 'running then': running },
    });
    expect(figures).toMatchObject({ jobs, runs: jobs, lost: 0, extra: 0, refused: 0 });
    expect(running).toBeGreaterThan(0);
  });

  it('requeue the running jobs on the second signal, and another worker runs them in the same attempt', async () => {
    const running = 5;
    await chaos.begin({ worker: { lease: 1 } });
    const leaving = await chaos.worker();
    await chaos.producer.pushMany(
      HangJob,
      Array.from({ length: running }, () => leaving.pid),
    );
    await eventually(async () => expect(await chaos.starts(leaving)).toBe(running));
    const next = chaos.worker();
    leaving.signal('SIGTERM');
    const waiting = async (): Promise<number> =>
      ((await chaos.client.client('LIST')) as string).split('name=queue:waiting').length - 1;
    await next;
    await eventually(async () => expect(await waiting()).toBe(1));
    const signalledAt = Date.now();
    leaving.signal('SIGTERM');
    expect(await leaving.exited).toEqual(BY_SIGTERM);
    await chaos.drained();
    const recovery = Date.now() - signalledAt;
    const { figures, timeline } = await chaos.expectAllWell({ fault: 'SIGTERM twice', recovery });
    expect(figures).toMatchObject({ jobs: running, runs: 2 * running, extra: 0, refused: 0 });
    expect([...timeline.runs.values()].flat().map(({ attempt, crashes }) => ({ attempt, crashes }))).toEqual(
      Array.from({ length: 2 * running }, () => ({ attempt: 1, crashes: 0 })),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { Chaos } from '../harness/chaos.js';
import { startWorkers } from '../harness/start-workers.js';
import { Load } from '../harness/load.js';
import { sized } from '../harness/size.js';

describe('a server that loses its scripts', () => {
  const chaos = new Chaos();

  it('again and again loses no job, causes no extra run, and fails no push', async () => {
    const { flushes } = sized({ short: { flushes: 60 }, long: { flushes: 2_000 } });
    await chaos.begin({ worker: { lease: 2 } });
    await startWorkers(chaos, 2, {});
    const loads = [1, 50].map((size) => new Load(chaos.producer, { size, every: 2 }));
    await chaos.client.config('RESETSTAT');
    for (let flush = 0; flush < flushes; flush++) {
      await chaos.client.script('FLUSH');
      await pause(5 + Math.random() * 20);
    }
    await Promise.all(loads.map((load) => load.stop()));
    const endedAt = Date.now();
    await chaos.drained();
    const recovery = Date.now() - endedAt;
    const missed = Number(/errorstat_NOSCRIPT:count=(\d+)/.exec(await chaos.client.info('errorstats'))?.[1] ?? 0);
    expect(missed).toBeGreaterThanOrEqual(flushes / 2);
    const also = { flushes, 'scripts missed': missed };
    const { figures } = await chaos.expectAllWell({ fault: 'SCRIPT FLUSH under load', recovery, also });
    const jobs = loads.reduce((sum, load) => sum + load.jobs, 0);
    expect(figures).toMatchObject({ jobs, runs: jobs, lost: 0, extra: 0, refused: 0 });
    for (const load of loads) expect(load.failures).toEqual({});
  });
});

import { describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { Chaos } from '../harness/chaos.js';
import { startWorkers } from '../harness/start-workers.js';
import { Load } from '../harness/load.js';
import { sized } from '../harness/size.js';
import { SlowJob } from '../process/jobs.js';

describe('a connection that comes and goes', () => {
  const chaos = new Chaos();

  it('loses no job and causes no extra run', async () => {
    const { times } = sized({ short: { times: 8 }, long: { times: 50 } });
    await chaos.begin({ worker: { lease: 10 } });
    const proxy = await chaos.proxy();
    const { host, port } = proxy;
    await startWorkers(chaos, 2, { redis: { host, port } });
    const load = new Load(await chaos.producerAt(proxy, { requestDeadline: 1 }));
    const slow = Array.from({ length: times * 5 }, (_, i) => 20 + ((i * 37) % 400));
    await chaos.producer.pushMany(SlowJob, slow);
    const { accepted } = proxy;
    for (let time = 0; time < times; time++) {
      await proxy.refuse();
      await pause(200 * Math.random());
      await proxy.pass();
      await pause(50 + 250 * Math.random());
    }
    const endedAt = Date.now();
    await load.stop();
    await chaos.drained();
    const recovery = Date.now() - endedAt;
    const also = { times, connections: proxy.accepted - accepted, 'pushes failed': load.failed };
    const { figures } = await chaos.expectAllWell({ fault: 'a flapping connection', recovery, also });
    expect(figures).toMatchObject({ lost: 0, extra: 0, refused: 0 });
    expect(also.connections).toBeGreaterThanOrEqual(times);
    // The error of a failed push says whether the job may be stored.
    expect(['ERR_CONNECTION', 'ERR_UNKNOWN_OUTCOME']).toEqual(expect.arrayContaining(Object.keys(load.failures)));
  });
});

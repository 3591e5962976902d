import { describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { heartbeatScript } from '../../../lib/drivers/redis/scripts/heartbeat.script.js';
import { pushScript } from '../../../lib/drivers/redis/scripts/push.script.js';
import { shortPollScript } from '../../../lib/drivers/redis/scripts/poll.script.js';
import { within } from '../../support/deadline.js';
import { Chaos } from '../harness/chaos.js';
import { startWorkers } from '../harness/start-workers.js';
import { Load } from '../harness/load.js';
import { readPoll, shaOf } from '../harness/requests.js';
import { sized } from '../harness/size.js';
import { SlowJob } from '../process/jobs.js';

const SLOW = 'slow';
/** The most rounds, as a multiple of the planned ones, until a reply of each kind is lost. */
const MAX_ROUNDS_FACTOR = 5;

describe('a network that loses replies', () => {
  const chaos = new Chaos();

  it('loses no job and causes no extra run, whichever replies are lost', async () => {
    const { rounds, outages } = sized({ short: { rounds: 9, outages: 3 }, long: { rounds: 150, outages: 40 } });
    await chaos.begin({ worker: { lease: 2, queues: ['default', SLOW] } });
    const proxy = await chaos.proxy();
    const { host, port } = proxy;
    await startWorkers(chaos, 2, { redis: { host, port } });
    const producer = await chaos.producerAt(proxy);
    const load = new Load(producer);
    const lost = { claims: 0, settlements: 0, pushes: 0, heartbeats: 0 };
    let slow = 0;
    // A poll may claim, settle or do both. More rounds are needed if the first rounds had only one kind.
    const isMissing = (): boolean => Object.values(lost).includes(0);
    for (let round = 0; round < rounds || (round < rounds * MAX_ROUNDS_FACTOR && isMissing()); round++) {
      const kind = [shortPollScript, pushScript, heartbeatScript][round % 3]!;
      // Only a worker that is busy for a while sends heartbeats.
      if (kind === heartbeatScript)
        slow += (await chaos.producer.pushMany(SlowJob, [900, 900], { queue: SLOW })).length;
      const sent = await within(proxy.loseReplyTo(shaOf(kind)), 10_000, `a request for "${kind.name}"`);
      if (kind === pushScript) lost.pushes++;
      if (kind === heartbeatScript) lost.heartbeats++;
      if (kind !== shortPollScript) continue;
      const { claims, settles } = readPoll(sent);
      if (claims > 0) lost.claims++;
      if (settles) lost.settlements++;
    }
    // Drops many replies of all kinds at once.
    for (let outage = 0; outage < outages; outage++) {
      proxy.dropReplies();
      await pause(50);
      await proxy.pass();
      proxy.cut();
      await pause(50);
    }
    const endedAt = Date.now();
    await load.stop();
    await chaos.drained();
    const recovery = Date.now() - endedAt;
    await chaos.drained(SLOW);
    const { figures } = await chaos.expectAllWell({ fault: 'lost replies', recovery, also: { ...lost, outages } }, {}, [
      'default',
      SLOW,
    ]);
    expect(figures).toMatchObject({ jobs: load.jobs + slow, lost: 0, extra: 0, refused: 0 });
    expect(load.failures).toEqual({});
    for (const count of Object.values(lost)) expect(count).toBeGreaterThan(0);
  });
});

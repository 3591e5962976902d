import { describe, expect, it } from '@jest/globals';
import { within } from '../../support/deadline.js';
import { Chaos } from '../harness/chaos.js';
import { startCrew } from '../harness/crew.js';
import { Load } from '../harness/load.js';
import { sized } from '../harness/size.js';

/** Bytes: it may be in the middle of a number, of a payload, of one of many jobs. */
const LONGEST = 3_000;

describe('connections that are cut in the middle of a reply', () => {
  const chaos = new Chaos();

  it('cost no job and no run over', async () => {
    const { cuts } = sized({ short: { cuts: 20 }, long: { cuts: 300 } });
    await chaos.begin({ worker: { lease: 10 } });
    const proxy = await chaos.proxy();
    const { host, port } = proxy;
    await startCrew(chaos, 2, { redis: { host, port } });
    const load = new Load(await chaos.producerAt(proxy), { size: 30 });
    const { accepted } = proxy;
    for (let cut = 0; cut < cuts; cut++) {
      // As many short ones as long ones.
      const bytes = Math.floor(LONGEST ** Math.random());
      await within(proxy.cutInReply(bytes), 10_000, 'a reply');
      // If all replies were cut nobody would get any further than the greeting.
      await load.more(30 * (cut % 3));
    }
    const endedAt = Date.now();
    await load.stop();
    await chaos.drained();
    const recovery = Date.now() - endedAt;
    const { figures } = await chaos.expectAllWell({ fault: 'replies cut in the middle', recovery, also: { cuts } });
    expect(figures).toMatchObject({ jobs: load.jobs, lost: 0, extra: 0, refused: 0 });
    expect(load.failures).toEqual({});
    expect(proxy.accepted - accepted).toBeGreaterThanOrEqual(cuts - 1);
  });
});

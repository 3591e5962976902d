import { describe, expect, it } from '@jest/globals';
import { within } from '../../support/deadline.js';
import { Chaos } from '../harness/chaos.js';
import { startWorkers } from '../harness/start-workers.js';
import { Load } from '../harness/load.js';
import { sized } from '../harness/size.js';

/** The most bytes of a reply before the cut. The cut may be inside a number, a payload, or one of many jobs. */
const LONGEST = 3_000;

describe('connections that are cut in the middle of a reply', () => {
  const chaos = new Chaos();

  it('lose no job and cause no extra run', async () => {
    const { cuts } = sized({ short: { cuts: 20 }, long: { cuts: 300 } });
    await chaos.begin({ worker: { lease: 10 } });
    const proxy = await chaos.proxy();
    const { host, port } = proxy;
    await startWorkers(chaos, 2, { redis: { host, port } });
    const load = new Load(await chaos.producerAt(proxy), { size: 30 });
    const { accepted } = proxy;
    for (let cut = 0; cut < cuts; cut++) {
      // Short and long lengths are equally frequent.
      const bytes = Math.floor(LONGEST ** Math.random());
      await within(proxy.cutInReply(bytes), 10_000, 'a reply');
      // If every reply were cut, no connection would get past its first command.
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

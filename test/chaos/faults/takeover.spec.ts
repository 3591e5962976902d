import { describe, expect, it } from '@jest/globals';
import { Chaos } from '../harness/chaos.js';
import { sized } from '../harness/size.js';
import { HangJob } from '../process/jobs.js';

const HELD = 5;

describe('the jobs of a killed worker', () => {
  const chaos = new Chaos();

  it.each(sized({ short: [1], long: [1, 3.75, 8, 30] }))(
    'run on an idle worker within the lease of %d s plus one second',
    async (lease) => {
      await chaos.begin({ worker: { lease } });
      const victim = await chaos.worker();
      await chaos.producer.pushMany(
        HangJob,
        Array.from({ length: HELD }, () => victim.pid),
      );
      await chaos.held(HELD);
      const successor = await chaos.worker();
      const killedAt = Date.now();
      await victim.kill();
      await chaos.drained();
      const starts = (await chaos.historyOf(successor)).filter(({ type }) => type === 'start');
      const recovery = Math.max(...starts.map(({ at }) => at)) - killedAt;
      const { figures } = await chaos.expectAllWell({
        fault: `kill -9 beside an idle worker, lease ${lease} s`,
        recovery,
      });
      expect(figures).toMatchObject({ jobs: HELD, held: HELD, extra: HELD });
      expect(recovery).toBeLessThan(lease * 1000 + 1000);
    },
  );
});

import { describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import type { DriverHarness } from './driver-harness.js';
import { Scene } from './scene.js';

export function describeWorkers(harness: DriverHarness): void {
  describe('a worker that gives signs of life', () => {
    const scene = new Scene(harness);
    /** What each worker says, by its id. */
    const read = async () => {
      const signs = await scene.driver.workers.read();
      return Object.fromEntries(signs.map(({ id, text }) => [id, text]));
    };
    const expectTold = (told: Record<string, string>) => eventually(async () => expect(await read()).toEqual(told));

    it('is told until it leaves, with what it says', async () => {
      expect(await read()).toEqual({});
      let text = '{"é":"1"}';
      const a = scene.driver.workers.join('a', () => text);
      scene.driver.workers.join('b', () => 'b');
      await expectTold({ a: '{"é":"1"}', b: 'b' });
      text = 'new';
      a.changed();
      await expectTold({ a: 'new', b: 'b' });
      a.leave();
      a.changed();
      await expectTold({ b: 'b' });
    });

    it('gives a sign at least every ten seconds, so that it is not forgotten', async () => {
      scene.driver.workers.join('a', () => 'a');
      await expectTold({ a: 'a' });
      const [first] = await scene.driver.workers.read();
      for (let i = 0; i < 6; i++) await scene.advance(10);
      expect(await read()).toEqual({ a: 'a' });
      const [last] = await scene.driver.workers.read();
      expect(last!.lastSeenAt - first!.lastSeenAt).toBeGreaterThanOrEqual(50_000);
    });

    it('is one of many', async () => {
      const ids = Array.from({ length: 1_200 }, (_, i) => `worker-${i}`);
      for (const id of ids) scene.driver.workers.join(id, () => id);
      await expectTold(Object.fromEntries(ids.map((id) => [id, id])));
    });
  });
}

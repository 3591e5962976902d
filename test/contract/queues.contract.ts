import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { claim, drain, Scene } from './scene.js';

export function describeQueues(harness: DriverHarness): void {
  describe('queues', () => {
    const scene = new Scene(harness);

    it('are none at first', async () => {
      expect(await scene.driver.queues()).toEqual([]);
    });

    it('are those that jobs were pushed to, sorted', async () => {
      await scene.push(['a'], { queue: 'mail' });
      await scene.push(['b'], { queue: 'images', delay: 10 });
      await scene.push(['c'], { queue: 'Zebra' });
      await scene.push(['d'], { queue: 'mail' });
      expect(await scene.driver.queues()).toEqual(['Zebra', 'images', 'mail']);
    });

    it('stay known when they are empty', async () => {
      await scene.push(['a'], { queue: 'mail' });
      await scene.push(['b'], { queue: 'images' });
      await drain(scene.consume({ queue: 'mail' }));
      await scene.driver.clear('images');
      expect(await scene.driver.queues()).toEqual(['images', 'mail']);
    });

    it('are not those that somebody only looks at', async () => {
      await claim(scene.consume({ queue: 'one' }));
      await scene.driver.counts('two');
      await scene.driver.clear('three');
      await scene.listen('four').close();
      await scene.driver.push('five', [], false);
      expect(await scene.driver.queues()).toEqual([]);
    });
  });
}

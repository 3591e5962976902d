import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { Scene } from './scene.js';

export function describeQueues(harness: DriverHarness): void {
  describe('list of queues', () => {
    const scene = new Scene(harness);

    it('is empty before the first push', async () => {
      expect(await scene.driver.queues()).toEqual([]);
    });

    it('contains each queue that got a job, sorted by name', async () => {
      await scene.push(['a'], { queue: 'mail' });
      await scene.push(['b'], { queue: 'images', delay: 10 });
      await scene.push(['c'], { queue: 'Zebra' });
      await scene.push(['d'], { queue: 'mail' });
      expect(await scene.driver.queues()).toEqual(['Zebra', 'images', 'mail']);
    });

    it('still contains queues that are empty again', async () => {
      await scene.push(['a'], { queue: 'mail' });
      await scene.push(['b'], { queue: 'images' });
      await scene.consume({ queue: 'mail' }).drain();
      await scene.driver.clear('images');
      expect(await scene.driver.queues()).toEqual(['images', 'mail']);
    });

    it('does not contain queues that were only read, cleared or listened to', async () => {
      await scene.consume({ queue: 'one' }).claim();
      await scene.driver.counts('two');
      await scene.driver.clear('three');
      await scene.listen('four').close();
      await scene.driver.push('five', [], false);
      expect(await scene.driver.queues()).toEqual([]);
    });
  });
}

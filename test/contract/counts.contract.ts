import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { numbered, QUEUE, Scene, settlement } from './scene.js';

export function describeCounts(harness: DriverHarness): void {
  describe('counts', () => {
    const scene = new Scene(harness);

    it('are 0 for a queue that never got a job', async () => {
      expect(await scene.driver.counts('nothing')).toEqual({
        ready: 0,
        blocked: 0,
        delayed: 0,
        reserved: 0,
        failed: 0,
      });
    });

    it('contain each job once after each step of its life', async () => {
      const counts = () => scene.driver.counts(QUEUE);
      const consumer = scene.consume();
      await scene.push(numbered(5));
      await scene.push(['delayed'], { delay: 100 });
      expect(await counts()).toEqual({ ready: 5, blocked: 0, delayed: 1, reserved: 0, failed: 0 });
      const [a, b, c, d, e] = await consumer.claim();
      expect(await counts()).toEqual({ ready: 0, blocked: 0, delayed: 1, reserved: 5, failed: 0 });
      await consumer.complete(a!);
      expect(await counts()).toEqual({ ready: 0, blocked: 0, delayed: 1, reserved: 4, failed: 0 });
      await consumer.fail(b!);
      expect(await counts()).toEqual({ ready: 0, blocked: 0, delayed: 1, reserved: 3, failed: 1 });
      await consumer.retry(c!, { delay: 50 });
      expect(await counts()).toEqual({ ready: 0, blocked: 0, delayed: 2, reserved: 2, failed: 1 });
      await consumer.settle(settlement.release(d!), settlement.release(e!, { position: 'front' }));
      expect(await counts()).toEqual({ ready: 2, blocked: 0, delayed: 2, reserved: 0, failed: 1 });
      await scene.advance(100);
      await consumer.poll();
      expect(await counts()).toEqual({ ready: 4, blocked: 0, delayed: 0, reserved: 0, failed: 1 });
    });

    it('contain the held jobs of all consumers as reserved', async () => {
      await scene.push(numbered(10));
      await scene.consume().claim(3);
      await scene.consume().claim(4);
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 3, blocked: 0, delayed: 0, reserved: 7, failed: 0 });
    });

    it('contain recovered jobs as ready', async () => {
      await scene.push(numbered(3));
      const consumer = scene.consume();
      await scene.crashWith(2, consumer);
      await consumer.poll();
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 3, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
    });

    it('contain only the jobs of one queue', async () => {
      await scene.push(['a'], { queue: 'one' });
      await scene.push(['b', 'c'], { queue: 'two', delay: 10 });
      expect(await scene.driver.counts('one')).toEqual({ ready: 1, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
      expect(await scene.driver.counts('two')).toEqual({ ready: 0, blocked: 0, delayed: 2, reserved: 0, failed: 0 });
    });
  });
}

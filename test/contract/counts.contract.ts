import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { claim, complete, fail, IDLE, numbered, QUEUE, release, retry, Scene, settle } from './scene.js';

export function describeCounts(harness: DriverHarness): void {
  describe('counts', () => {
    const scene = new Scene(harness);

    it('are zero for a queue that nobody pushed to', async () => {
      expect(await scene.driver.counts('nothing')).toEqual({ ready: 0, delayed: 0, reserved: 0, failed: 0 });
    });

    it('have each job in one place, whatever happens to it', async () => {
      const counts = () => scene.driver.counts(QUEUE);
      const consumer = scene.consume();
      await scene.push(numbered(5));
      await scene.push(['delayed'], { delay: 100 });
      expect(await counts()).toEqual({ ready: 5, delayed: 1, reserved: 0, failed: 0 });
      const [a, b, c, d, e] = await claim(consumer);
      expect(await counts()).toEqual({ ready: 0, delayed: 1, reserved: 5, failed: 0 });
      await settle(consumer, complete(a!));
      expect(await counts()).toEqual({ ready: 0, delayed: 1, reserved: 4, failed: 0 });
      await settle(consumer, fail(b!));
      expect(await counts()).toEqual({ ready: 0, delayed: 1, reserved: 3, failed: 1 });
      await settle(consumer, retry(c!, { delay: 50 }));
      expect(await counts()).toEqual({ ready: 0, delayed: 2, reserved: 2, failed: 1 });
      await settle(consumer, release(d!), release(e!, { position: 'front' }));
      expect(await counts()).toEqual({ ready: 2, delayed: 2, reserved: 0, failed: 1 });
      await scene.advance(100);
      await consumer.poll(IDLE);
      expect(await counts()).toEqual({ ready: 4, delayed: 0, reserved: 0, failed: 1 });
    });

    it('have the jobs of all consumers', async () => {
      await scene.push(numbered(10));
      await claim(scene.consume(), 3);
      await claim(scene.consume(), 4);
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 3, delayed: 0, reserved: 7, failed: 0 });
    });

    it('have jobs of lost consumers among the ready ones', async () => {
      await scene.push(numbered(3));
      const consumer = scene.consume();
      await scene.crashWith(2, consumer);
      await consumer.poll(IDLE);
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 3, delayed: 0, reserved: 0, failed: 0 });
    });

    it('are of one queue', async () => {
      await scene.push(['a'], { queue: 'one' });
      await scene.push(['b', 'c'], { queue: 'two', delay: 10 });
      expect(await scene.driver.counts('one')).toEqual({ ready: 1, delayed: 0, reserved: 0, failed: 0 });
      expect(await scene.driver.counts('two')).toEqual({ ready: 0, delayed: 2, reserved: 0, failed: 0 });
    });
  });
}

import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { numbered, QUEUE, Scene, settlement } from './scene.js';

export function describeClear(harness: DriverHarness): void {
  describe('clear', () => {
    const scene = new Scene(harness);

    it('drops ready and delayed jobs, and returns their number', async () => {
      await scene.push(['a', 'b']);
      await scene.push(['c'], { delay: 10 });
      expect(await scene.driver.clear(QUEUE)).toBe(3);
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
      await scene.advance(10);
      expect(await scene.consume().claim()).toEqual([]);
    });

    it('drops the statuses of the jobs that it drops', async () => {
      await scene.push(['ready', 'again']);
      await scene.push(['delayed'], { delay: 10 });
      const consumer = scene.consume();
      await consumer.settle(
        settlement.release(await consumer.claimOne()),
        settlement.retry(await consumer.claimOne(), { delay: 10 }),
      );
      await scene.driver.setStatus('delayed', 'cancelled');
      await scene.driver.clear(QUEUE);
      for (const id of ['ready', 'again', 'delayed']) expect(await scene.driver.getStatus(id)).toBeNull();
    });

    it('drops recovered jobs', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      await consumer.poll();
      expect(await scene.driver.clear(QUEUE)).toBe(1);
      expect(await consumer.claimRecovered()).toEqual([]);
      expect(await scene.driver.getStatus('a')).toBeNull();
    });

    it('keeps jobs that a consumer holds', async () => {
      await scene.push(['a', 'b', 'c']);
      const consumer = scene.consume();
      const [a, b] = await consumer.claim(2);
      expect(await scene.driver.clear(QUEUE)).toBe(1);
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'processing' });
      expect((await consumer.settle(settlement.complete(a!), settlement.retry(b!))).refused).toEqual([]);
      expect(await consumer.claim()).toMatchObject([{ id: 'b', body: 'body of b', attempt: 2 }]);
    });

    it('keeps the statuses of jobs that have ended', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      const [a, b] = await consumer.claim();
      await consumer.settle(settlement.complete(a!), settlement.fail(b!));
      expect(await scene.driver.clear(QUEUE)).toBe(0);
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'completed' });
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ failed: 1 });
    });

    it('leaves no attempts behind for a new job with the same id', async () => {
      await scene.push(['a'], { unique: true });
      const consumer = scene.consume();
      await consumer.retry(await consumer.claimOne());
      await scene.driver.clear(QUEUE);
      await scene.push(['a'], { unique: true });
      expect(await consumer.claimOne()).toMatchObject({ id: 'a', attempt: 1, crashes: 0, unknownFor: 0 });
    });

    it('keeps the jobs of other queues', async () => {
      await scene.push(['a'], { queue: 'one' });
      await scene.push(['b'], { queue: 'one.two' });
      expect(await scene.driver.clear('one')).toBe(1);
      expect(await scene.driver.counts('one.two')).toMatchObject({ ready: 1 });
    });

    it('returns 0 for a queue that never got a job', async () => {
      expect(await scene.driver.clear('nothing')).toBe(0);
    });

    it('drops 5,000 jobs', async () => {
      await scene.push(numbered(3_000));
      await scene.push(numbered(2_000, 'delayed'), { delay: 60 });
      expect(await scene.driver.clear(QUEUE)).toBe(5_000);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, delayed: 0 });
    });
  });
}

import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import {
  claim,
  claimOne,
  claimRecovered,
  complete,
  fail,
  IDLE,
  numbered,
  QUEUE,
  release,
  retry,
  Scene,
  settle,
} from './scene.js';

export function describeClear(harness: DriverHarness): void {
  describe('clear', () => {
    const scene = new Scene(harness);

    it('drops what waits, and says how much', async () => {
      await scene.push(['a', 'b']);
      await scene.push(['c'], { delay: 10 });
      expect(await scene.driver.clear(QUEUE)).toBe(3);
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, delayed: 0, reserved: 0, failed: 0 });
      await scene.advance(10);
      expect(await claim(scene.consume())).toEqual([]);
    });

    it('drops the statuses too', async () => {
      await scene.push(['ready', 'again']);
      await scene.push(['delayed'], { delay: 10 });
      const consumer = scene.consume();
      await settle(consumer, release(await claimOne(consumer)), retry(await claimOne(consumer), { delay: 10 }));
      await scene.driver.setStatus('delayed', 'cancelled');
      await scene.driver.clear(QUEUE);
      for (const id of ['ready', 'again', 'delayed']) expect(await scene.driver.getStatus(id)).toBeNull();
    });

    it('drops jobs of lost consumers', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      await consumer.poll(IDLE);
      expect(await scene.driver.clear(QUEUE)).toBe(1);
      expect(await claimRecovered(consumer)).toEqual([]);
      expect(await scene.driver.getStatus('a')).toBeNull();
    });

    it('leaves jobs that are being run', async () => {
      await scene.push(['a', 'b', 'c']);
      const consumer = scene.consume();
      const [a, b] = await claim(consumer, 2);
      expect(await scene.driver.clear(QUEUE)).toBe(1);
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'processing' });
      expect((await settle(consumer, complete(a!), retry(b!))).refused).toEqual([]);
      expect(await claim(consumer)).toMatchObject([{ id: 'b', body: 'body of b', attempt: 2 }]);
    });

    it('leaves what has ended', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      const [a, b] = await claim(consumer);
      await settle(consumer, complete(a!), fail(b!));
      expect(await scene.driver.clear(QUEUE)).toBe(0);
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'completed' });
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ failed: 1 });
    });

    it('leaves nothing behind that a new job of the same id would find', async () => {
      await scene.push(['a'], { unique: true });
      const consumer = scene.consume();
      await settle(consumer, retry(await claimOne(consumer)));
      await scene.driver.clear(QUEUE);
      await scene.push(['a'], { unique: true });
      expect(await claimOne(consumer)).toMatchObject({ id: 'a', attempt: 1, crashes: 0, unknownFor: 0 });
    });

    it('leaves other queues', async () => {
      await scene.push(['a'], { queue: 'one' });
      await scene.push(['b'], { queue: 'one.two' });
      expect(await scene.driver.clear('one')).toBe(1);
      expect(await scene.driver.counts('one.two')).toMatchObject({ ready: 1 });
    });

    it('finds nothing in a queue that nobody pushed to', async () => {
      expect(await scene.driver.clear('nothing')).toBe(0);
    });

    it('drops thousands of jobs', async () => {
      await scene.push(numbered(3_000));
      await scene.push(numbered(2_000, 'delayed'), { delay: 60 });
      expect(await scene.driver.clear(QUEUE)).toBe(5_000);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, delayed: 0 });
    });
  });
}

import { describe, expect, it } from '@jest/globals';
import { QueueClosedError } from '../../lib/queue.errors.js';
import type { DriverHarness } from './driver-harness.js';
import { LEASE, QUEUE, Scene, TestConsumer } from './scene.js';

export function describeClose(harness: DriverHarness): void {
  describe('close', () => {
    const scene = new Scene(harness);

    it('closes a driver that was closed before, or is being closed', async () => {
      await Promise.all([scene.driver.close(), scene.driver.close()]);
      await scene.driver.close();
    });

    it('refuses each later call', async () => {
      const { driver } = scene;
      await driver.close();
      const calls: (() => Promise<unknown>)[] = [
        () => driver.connect(),
        () => driver.ping(),
        () => driver.push(QUEUE, [{ id: 'a', body: 'a', delay: 0 }], false),
        () => driver.getStatus('a'),
        () => driver.setStatus('a', 'completed'),
        () => driver.counts(QUEUE),
        () => driver.clear(QUEUE),
        () => driver.queues(),
        () => new TestConsumer(driver.consume(QUEUE, { lease: LEASE, onLost: () => {} })).poll(),
      ];
      for (const call of calls) await expect(call()).rejects.toBeInstanceOf(QueueClosedError);
    });

    it('refuses polls of its consumers, and still lets them close', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const job = await consumer.claimOne();
      await scene.driver.close();
      await expect(consumer.complete(job)).rejects.toBeInstanceOf(QueueClosedError);
      await consumer.close();
    });

    it('ends the waits of listeners, and each later wait at once', async () => {
      const listener = scene.listen();
      const waits = [listener.wait(60_000), scene.listen('one', 'two').wait(60_000)];
      await scene.driver.close();
      expect(await Promise.all(waits)).toEqual([null, null]);
      expect(await listener.wait(60_000)).toBeNull();
      await listener.close();
      const later = scene.listen();
      expect(await later.wait(60_000)).toBeNull();
      later.pass(QUEUE);
      await later.close();
    });

    it('refuses polls of a closed consumer, which may be closed twice', async () => {
      const consumer = scene.consume();
      await consumer.poll();
      await consumer.close();
      await consumer.close();
      await expect(consumer.poll()).rejects.toBeInstanceOf(QueueClosedError);
    });

    it('leaves the other consumers open when one consumer closes', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await scene.consume().close();
      await consumer.complete(await consumer.claimOne());
      await scene.driver.ping();
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'completed' });
    });
  });
}

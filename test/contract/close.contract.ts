import { describe, expect, it } from '@jest/globals';
import { QueueClosedError } from '../../lib/queue.errors.js';
import type { DriverHarness } from './driver-harness.js';
import { claimOne, complete, IDLE, LEASE, QUEUE, Scene, settle } from './scene.js';

export function describeClose(harness: DriverHarness): void {
  describe('close', () => {
    const scene = new Scene(harness);

    it('may be asked for twice, and at the same time', async () => {
      await Promise.all([scene.driver.close(), scene.driver.close()]);
      await scene.driver.close();
    });

    it('refuses what is asked for later', async () => {
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
        () => driver.consume(QUEUE, { lease: LEASE, onLost: () => {} }).poll(IDLE),
      ];
      for (const call of calls) await expect(call()).rejects.toBeInstanceOf(QueueClosedError);
    });

    it('refuses the polls of consumers, which may still be closed', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const job = await claimOne(consumer);
      await scene.driver.close();
      await expect(settle(consumer, complete(job))).rejects.toBeInstanceOf(QueueClosedError);
      await consumer.close();
    });

    it('ends waits, and those that begin later', async () => {
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

    it('of a consumer refuses its polls, and may be asked for twice', async () => {
      const consumer = scene.consume();
      await consumer.poll(IDLE);
      await consumer.close();
      await consumer.close();
      await expect(consumer.poll(IDLE)).rejects.toBeInstanceOf(QueueClosedError);
    });

    it('of a consumer leaves the others', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await scene.consume().close();
      await settle(consumer, complete(await claimOne(consumer)));
      await scene.driver.ping();
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'completed' });
    });
  });
}

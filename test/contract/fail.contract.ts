import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { idsOf, QUEUE, Scene, settlement, STATUS_TTL } from './scene.js';

export function describeFail(harness: DriverHarness): void {
  describe('fail', () => {
    const scene = new Scene(harness);

    it('ends the job, and keeps its error in the status', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.fail(await consumer.claimOne(), 'The server said "no"\nand 中文');
      expect(await scene.driver.getStatus('a')).toMatchObject({
        state: 'failed',
        queue: QUEUE,
        attempt: 1,
        error: 'The server said "no"\nand 中文',
      });
      expect(await consumer.claim()).toEqual([]);
    });

    it('keeps the number of the last attempt in the status', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.retry(await consumer.claimOne());
      await consumer.retry(await consumer.claimOne());
      await consumer.fail(await consumer.claimOne());
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'failed', attempt: 3 });
    });

    it('counts failed jobs until their statuses expire', async () => {
      await scene.push(['a', 'b', 'c']);
      const consumer = scene.consume();
      const [a, b, c] = await consumer.claim();
      await consumer.settle(settlement.fail(a!), settlement.complete(b!));
      await scene.advance(STATUS_TTL / 2);
      await consumer.fail(c!);
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 2 });
      await scene.advance(STATUS_TTL / 2 + 1);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ failed: 1 });
      await scene.advance(STATUS_TTL / 2 + 1);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ failed: 0 });
    });

    it('does not touch the other jobs of the queue', async () => {
      await scene.push(['a', 'b', 'c']);
      const consumer = scene.consume();
      await consumer.fail(await consumer.claimOne());
      expect(idsOf(await consumer.drain())).toEqual(['b', 'c']);
    });
  });
}

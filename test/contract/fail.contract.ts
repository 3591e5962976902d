import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { claim, claimOne, complete, drain, fail, idsOf, QUEUE, retry, Scene, settle, STATUS_TTL } from './scene.js';

export function describeFail(harness: DriverHarness): void {
  describe('fail', () => {
    const scene = new Scene(harness);

    it('is done with the job, and keeps what it failed with', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await settle(consumer, fail(await claimOne(consumer), 'The server said "no"\nand 中文'));
      expect(await scene.driver.getStatus('a')).toMatchObject({
        state: 'failed',
        queue: QUEUE,
        attempt: 1,
        error: 'The server said "no"\nand 中文',
      });
      expect(await claim(consumer)).toEqual([]);
    });

    it('names the attempt it failed in', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await settle(consumer, retry(await claimOne(consumer)));
      await settle(consumer, retry(await claimOne(consumer)));
      await settle(consumer, fail(await claimOne(consumer)));
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'failed', attempt: 3 });
    });

    it('counts failed jobs as long as their status is kept', async () => {
      await scene.push(['a', 'b', 'c']);
      const consumer = scene.consume();
      const [a, b, c] = await claim(consumer);
      await settle(consumer, fail(a!), complete(b!));
      await scene.advance(STATUS_TTL / 2);
      await settle(consumer, fail(c!));
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, delayed: 0, reserved: 0, failed: 2 });
      await scene.advance(STATUS_TTL / 2 + 1);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ failed: 1 });
      await scene.advance(STATUS_TTL / 2 + 1);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ failed: 0 });
    });

    it('leaves the other jobs alone', async () => {
      await scene.push(['a', 'b', 'c']);
      const consumer = scene.consume();
      await settle(consumer, fail(await claimOne(consumer)));
      expect(idsOf(await drain(consumer))).toEqual(['b', 'c']);
    });
  });
}

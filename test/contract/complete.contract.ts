import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { idsOf, LEASE, QUEUE, Scene, settlement } from './scene.js';

export function describeComplete(harness: DriverHarness): void {
  describe('complete', () => {
    const scene = new Scene(harness);

    it('ends the job: its status is completed, and no count contains it', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const job = await consumer.claimOne();
      expect(await consumer.complete(job)).toMatchObject({ lost: false, refused: [] });
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'completed', queue: QUEUE, attempt: 1 });
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
    });

    it('leaves nothing to recover when the lease runs out later', async () => {
      await scene.push(['a']);
      const [consumer, other] = [scene.consume(), scene.consume()];
      await consumer.complete(await consumer.claimOne());
      await scene.outlive(consumer, other);
      expect(await other.poll({ limit: 10, recovered: true })).toMatchObject({
        jobs: [],
        more: false,
        recovered: false,
        paused: false,
      });
    });

    it('settles one of several held jobs, and leaves the others held', async () => {
      await scene.push(['a', 'b', 'c']);
      const consumer = scene.consume();
      const [a, b, c] = await consumer.claim();
      await consumer.complete(b!);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ reserved: 2 });
      expect((await consumer.settle(settlement.complete(a!), settlement.complete(c!))).refused).toEqual([]);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ reserved: 0 });
    });

    it('settles one job and claims the next one in the same poll', async () => {
      await scene.push(['a', 'b', 'c']);
      const consumer = scene.consume();
      const first = await consumer.claimOne();
      const result = await consumer.poll({ settlements: [settlement.complete(first)], limit: 1 });
      expect(result).toMatchObject({ refused: [], more: true });
      expect(idsOf(result.jobs)).toEqual(['b']);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 1, reserved: 1 });
    });

    it('settles a job that ran longer than a lease while its consumer prolonged the lease', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const job = await consumer.claimOne();
      await scene.advance(LEASE * 5);
      expect(await consumer.complete(job)).toMatchObject({ lost: false, refused: [] });
    });
  });
}

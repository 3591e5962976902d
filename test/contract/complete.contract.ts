import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { claim, claimOne, complete, IDLE, idsOf, LEASE, QUEUE, Scene, settle } from './scene.js';

export function describeComplete(harness: DriverHarness): void {
  describe('complete', () => {
    const scene = new Scene(harness);

    it('is done with the job', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const job = await claimOne(consumer);
      expect(await settle(consumer, complete(job))).toMatchObject({ lost: false, refused: [] });
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'completed', queue: QUEUE, attempt: 1 });
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, delayed: 0, reserved: 0, failed: 0 });
    });

    it('does not bring the job back when the lease would have run out', async () => {
      await scene.push(['a']);
      const [consumer, other] = [scene.consume(), scene.consume()];
      await settle(consumer, complete(await claimOne(consumer)));
      await scene.outlive(consumer, other);
      expect(await other.poll({ ...IDLE, limit: 10, recovered: true })).toMatchObject({
        jobs: [],
        more: false,
        recovered: false,
      });
    });

    it('settles some of what is held, and leaves the rest', async () => {
      await scene.push(['a', 'b', 'c']);
      const consumer = scene.consume();
      const [a, b, c] = await claim(consumer);
      await settle(consumer, complete(b!));
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ reserved: 2 });
      expect((await settle(consumer, complete(a!), complete(c!))).refused).toEqual([]);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ reserved: 0 });
    });

    it('settles and claims in one poll', async () => {
      await scene.push(['a', 'b', 'c']);
      const consumer = scene.consume();
      const first = await claimOne(consumer);
      const result = await consumer.poll({ settlements: [complete(first)], limit: 1, recovered: false });
      expect(result).toMatchObject({ refused: [], more: true });
      expect(idsOf(result.jobs)).toEqual(['b']);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 1, reserved: 1 });
    });

    it('takes the result of a job that ran longer than the lease of a living consumer', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const job = await claimOne(consumer);
      await scene.advance(LEASE * 5);
      expect(await settle(consumer, complete(job))).toMatchObject({ lost: false, refused: [] });
    });
  });
}

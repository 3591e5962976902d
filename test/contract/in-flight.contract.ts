import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { idsOf, numbered, QUEUE, Scene, settlement } from './scene.js';

const CLAIM_ONE = { limit: 1 };

/** A consumer may send a poll before the previous poll is answered. */
export function describeInFlight(harness: DriverHarness): void {
  describe('two polls in flight', () => {
    const scene = new Scene(harness);

    it('are allowed by the driver', () => {
      expect(scene.consume().limits.inFlight).toBeGreaterThanOrEqual(2);
    });

    it('take effect in the order in which they were sent', async () => {
      await scene.push(['a', 'b', 'c', 'd']);
      const consumer = scene.consume();
      const a = await consumer.claimOne();
      for (const [settlements, ids] of [
        [[settlement.complete(a)], ['b', 'c']],
        [[], ['d', undefined]],
      ] as const) {
        const results = await Promise.all([consumer.poll({ ...CLAIM_ONE, settlements }), consumer.poll(CLAIM_ONE)]);
        expect(results.map(({ jobs }) => jobs[0]?.id)).toEqual(ids);
      }
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, reserved: 3 });
    });

    it('take effect in the order in which a new consumer sent them', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      const [first, second] = await Promise.all([consumer.poll(CLAIM_ONE), consumer.poll(CLAIM_ONE)]);
      expect([idsOf(first.jobs), idsOf(second.jobs)]).toEqual([['a'], ['b']]);
      expect(
        (await consumer.settle(settlement.complete(first.jobs[0]!), settlement.complete(second.jobs[0]!))).refused,
      ).toEqual([]);
    });

    it('settle a job once if both try', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const a = await consumer.claimOne();
      const [first, second] = await Promise.all([consumer.complete(a), consumer.retry(a)]);
      expect([first.refused, second.refused]).toEqual([[], ['a']]);
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'completed' });
    });

    it('claim each of 40 jobs once, in their order', async () => {
      const ids = numbered(40);
      await scene.push(ids);
      const consumer = scene.consume();
      let inFlight = [consumer.poll(CLAIM_ONE), consumer.poll(CLAIM_ONE)];
      const seen: string[] = [];
      while (seen.length < ids.length) {
        const [first, ...others] = inFlight;
        const { jobs, refused } = await first!;
        expect(refused).toEqual([]);
        seen.push(...idsOf(jobs));
        inFlight = [
          ...others,
          consumer.poll({ ...CLAIM_ONE, settlements: jobs.map((job) => settlement.complete(job)) }),
        ];
      }
      await Promise.all(inFlight);
      expect(seen).toEqual(ids);
    });

    it('report a lost lease once, and claim nothing', async () => {
      await scene.push(['a', 'b', 'c']);
      const [consumer, other] = [scene.consume(), scene.consume()];
      const [a, b] = await consumer.claim(2);
      await scene.outlive(consumer, other);
      await other.poll();
      const [first, second] = await Promise.all([
        consumer.poll({ settlements: [settlement.complete(a!)], limit: 1, recovered: true }),
        consumer.poll({ settlements: [settlement.complete(b!)], limit: 1, recovered: true }),
      ]);
      expect(first).toMatchObject({ lost: true, jobs: [], refused: ['a'] });
      expect(second).toMatchObject({ lost: false, jobs: [], refused: ['b'] });
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 3, reserved: 0 });
      // The next poll has a new lease.
      expect(idsOf(await consumer.claim(1))).toEqual(['c']);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 2, reserved: 1 });
    });
  });
}

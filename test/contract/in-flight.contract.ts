import { describe, expect, it } from '@jest/globals';
import type { PollRequest } from '../../lib/drivers/queue-driver.interface.js';
import type { DriverHarness } from './driver-harness.js';
import { claim, claimOne, complete, IDLE, idsOf, QUEUE, retry, Scene, settle } from './scene.js';

const CLAIM_ONE: PollRequest = { ...IDLE, limit: 1 };

/** Polls that are asked for before the one before is answered. */
export function describeInFlight(harness: DriverHarness): void {
  describe('two polls in flight', () => {
    const scene = new Scene(harness);

    it('are what the driver allows', () => {
      expect(scene.consume().limits.inFlight).toBeGreaterThanOrEqual(2);
    });

    it('take effect in the order in which they were asked for', async () => {
      await scene.push(['a', 'b', 'c', 'd']);
      const consumer = scene.consume();
      const a = await claimOne(consumer);
      for (const [settlements, ids] of [
        [[complete(a)], ['b', 'c']],
        [[], ['d', undefined]],
      ] as const) {
        const results = await Promise.all([consumer.poll({ ...CLAIM_ONE, settlements }), consumer.poll(CLAIM_ONE)]);
        expect(results.map(({ jobs }) => jobs[0]?.id)).toEqual(ids);
      }
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, reserved: 3 });
    });

    it('take effect in that order with a new consumer, too', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      const [first, second] = await Promise.all([consumer.poll(CLAIM_ONE), consumer.poll(CLAIM_ONE)]);
      expect([idsOf(first.jobs), idsOf(second.jobs)]).toEqual([['a'], ['b']]);
      expect((await settle(consumer, complete(first.jobs[0]!), complete(second.jobs[0]!))).refused).toEqual([]);
    });

    it('settle a job once, if both of them try', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const a = await claimOne(consumer);
      const [first, second] = await Promise.all([settle(consumer, complete(a)), settle(consumer, retry(a))]);
      expect([first.refused, second.refused]).toEqual([[], ['a']]);
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'completed' });
    });

    it('go on one after the other for as long as there are jobs', async () => {
      const ids = Array.from({ length: 40 }, (_, i) => `job-${String(i).padStart(2, '0')}`);
      await scene.push(ids);
      const consumer = scene.consume();
      let inFlight = [consumer.poll(CLAIM_ONE), consumer.poll(CLAIM_ONE)];
      const seen: string[] = [];
      while (seen.length < ids.length) {
        const [first, ...others] = inFlight;
        const { jobs, refused } = await first!;
        expect(refused).toEqual([]);
        seen.push(...idsOf(jobs));
        inFlight = [...others, consumer.poll({ ...CLAIM_ONE, settlements: jobs.map((job) => complete(job)) })];
      }
      await Promise.all(inFlight);
      expect(seen).toEqual(ids);
    });

    it('tell a lost lease once, and claim nothing', async () => {
      await scene.push(['a', 'b', 'c']);
      const [consumer, other] = [scene.consume(), scene.consume()];
      const [a, b] = await claim(consumer, 2);
      await scene.outlive(consumer, other);
      await other.poll(IDLE);
      const [first, second] = await Promise.all([
        consumer.poll({ settlements: [complete(a!)], limit: 1, recovered: true }),
        consumer.poll({ settlements: [complete(b!)], limit: 1, recovered: true }),
      ]);
      expect(first).toMatchObject({ lost: true, jobs: [], refused: ['a'] });
      expect(second).toMatchObject({ lost: false, jobs: [], refused: ['b'] });
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 3, reserved: 0 });
      // The next one begins anew, and loses nothing by what came before.
      expect(idsOf(await claim(consumer, 1))).toEqual(['c']);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 2, reserved: 1 });
    });
  });
}

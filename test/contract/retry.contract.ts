import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { expectDueIn, idsOf, QUEUE, Scene, settlement, STATUS_TTL } from './scene.js';

export function describeRetry(harness: DriverHarness): void {
  describe('retry', () => {
    const scene = new Scene(harness);

    it('counts the attempt', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      for (const attempt of [1, 2, 3]) {
        const job = await consumer.claimOne();
        expect(job.attempt).toBe(attempt);
        await consumer.retry(job);
      }
    });

    it('keeps a delayed job until it is due', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const job = await consumer.claimOne();
      await consumer.retry(job, { delay: 60 });
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 1, reserved: 0, failed: 0 });
      await scene.advance(58);
      expect(await consumer.claim()).toEqual([]);
      await scene.advance(2);
      expect(await consumer.claimOne()).toMatchObject({ id: 'a', body: job.body, pushedAt: job.pushedAt, attempt: 2 });
    });

    it('puts the job at the back of its queue if there is no delay', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      await consumer.retry(await consumer.claimOne());
      expect(idsOf(await consumer.claim())).toEqual(['b', 'a']);
    });

    it('lets the same poll claim the job again', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const settlements = [settlement.retry(await consumer.claimOne())];
      const { jobs, refused } = await consumer.poll({ settlements, limit: 1 });
      expect(refused).toEqual([]);
      expect(jobs).toMatchObject([{ id: 'a', attempt: 2 }]);
    });

    it.each([0, 60])('keeps the error of the attempt in the status, with a delay of %d s', async (delay) => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.retry(await consumer.claimOne(), { delay, error: 'try "again"' });
      expect(await scene.driver.getStatus('a')).toMatchObject({
        state: 'retrying',
        queue: QUEUE,
        attempt: 1,
        error: 'try "again"',
      });
    });

    it('tells other consumers when the job is due', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.retry(await consumer.claimOne(), { delay: 20 });
      const { nextDue } = await scene.consume().poll();
      expectDueIn(nextDue, 20);
    });

    it('continues the count of attempts after a release, and with another consumer', async () => {
      await scene.push(['a']);
      const [one, other] = [scene.consume(), scene.consume()];
      await one.retry(await one.claimOne());
      await other.release(await other.claimOne());
      const job = await one.claimOne();
      expect(job.attempt).toBe(2);
      await one.retry(job);
      expect(await other.claimOne()).toMatchObject({ id: 'a', attempt: 3 });
    });

    it('counts attempts from 1 for a job that ended and is pushed again', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.retry(await consumer.claimOne());
      await consumer.complete(await consumer.claimOne());
      await scene.advance(STATUS_TTL * 2);
      await scene.push(['a'], { unique: true });
      expect(await consumer.claimOne()).toMatchObject({ id: 'a', attempt: 1, crashes: 0 });
    });
  });
}

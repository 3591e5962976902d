import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import {
  claim,
  claimOne,
  complete,
  expectDueIn,
  IDLE,
  idsOf,
  QUEUE,
  release,
  retry,
  Scene,
  settle,
  STATUS_TTL,
} from './scene.js';

export function describeRetry(harness: DriverHarness): void {
  describe('retry', () => {
    const scene = new Scene(harness);

    it('counts the attempt', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      for (const attempt of [1, 2, 3]) {
        const job = await claimOne(consumer);
        expect(job.attempt).toBe(attempt);
        await settle(consumer, retry(job));
      }
    });

    it('keeps the job until it is due', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const job = await claimOne(consumer);
      await settle(consumer, retry(job, { delay: 60 }));
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, delayed: 1, reserved: 0, failed: 0 });
      await scene.advance(58);
      expect(await claim(consumer)).toEqual([]);
      await scene.advance(2);
      expect(await claimOne(consumer)).toMatchObject({ id: 'a', body: job.body, pushedAt: job.pushedAt, attempt: 2 });
    });

    it('puts the job at the back when there is no delay', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      await settle(consumer, retry(await claimOne(consumer)));
      expect(idsOf(await claim(consumer))).toEqual(['b', 'a']);
    });

    it('can hand the job out again in the same poll', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const settlements = [retry(await claimOne(consumer))];
      const { jobs, refused } = await consumer.poll({ settlements, limit: 1, recovered: false });
      expect(refused).toEqual([]);
      expect(jobs).toMatchObject([{ id: 'a', attempt: 2 }]);
    });

    it.each([0, 60])('says what the attempt failed with, at a delay of %d s', async (delay) => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await settle(consumer, retry(await claimOne(consumer), { delay, error: 'try "again"' }));
      expect(await scene.driver.getStatus('a')).toMatchObject({
        state: 'retrying',
        queue: QUEUE,
        attempt: 1,
        error: 'try "again"',
      });
    });

    it('tells the others when the job is due', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await settle(consumer, retry(await claimOne(consumer), { delay: 20 }));
      const { nextDue } = await scene.consume().poll(IDLE);
      expectDueIn(nextDue, 20);
    });

    it('goes on counting after the job was put back, or changed hands', async () => {
      await scene.push(['a']);
      const [one, other] = [scene.consume(), scene.consume()];
      await settle(one, retry(await claimOne(one)));
      await settle(other, release(await claimOne(other)));
      const job = await claimOne(one);
      expect(job.attempt).toBe(2);
      await settle(one, retry(job));
      expect(await claimOne(other)).toMatchObject({ id: 'a', attempt: 3 });
    });

    it('starts counting anew for a job that is pushed again after its end', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await settle(consumer, retry(await claimOne(consumer)));
      await settle(consumer, complete(await claimOne(consumer)));
      await scene.advance(STATUS_TTL * 2);
      await scene.push(['a'], { unique: true });
      expect(await claimOne(consumer)).toMatchObject({ id: 'a', attempt: 1, crashes: 0 });
    });
  });
}

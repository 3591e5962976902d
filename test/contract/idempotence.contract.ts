import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { idsOf, QUEUE, Scene, settlement, STATUS_TTL } from './scene.js';

/**
 * A repeated call acts once if the contract says so. The suite cannot repeat a command as a storage does after a lost
 * reply: the tests of each storage do that.
 */
export function describeIdempotence(harness: DriverHarness): void {
  describe('idempotence', () => {
    const scene = new Scene(harness);

    it('a second push with the same ids adds nothing while the jobs are ready', async () => {
      await scene.push(['a', 'b'], { unique: true });
      await scene.push(['a', 'b'], { unique: true });
      expect(idsOf(await scene.consume().drain())).toEqual(['a', 'b']);
    });

    it('a second push adds nothing while the job is delayed, and does not move its due time', async () => {
      await scene.push(['a'], { unique: true, delay: 10 });
      await scene.advance(5);
      await scene.push(['a'], { unique: true, delay: 10 });
      await scene.advance(5);
      expect(idsOf(await scene.consume().drain())).toEqual(['a']);
      await scene.advance(10);
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
    });

    it('a second push adds nothing while a consumer holds the job', async () => {
      await scene.push(['a'], { unique: true });
      const consumer = scene.consume();
      await consumer.claimOne();
      await scene.push(['a'], { unique: true });
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, reserved: 1 });
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'processing' });
    });

    it('a second push adds nothing while the job waits for a retry, and keeps its attempts', async () => {
      await scene.push(['a'], { unique: true });
      const consumer = scene.consume();
      await consumer.retry(await consumer.claimOne(), { delay: 10 });
      await scene.push(['a'], { unique: true });
      expect(await consumer.claim()).toEqual([]);
      await scene.advance(10);
      expect(await consumer.claimOne()).toMatchObject({ id: 'a', attempt: 2 });
    });

    it('a second push adds nothing while the job is a recovered job', async () => {
      await scene.push(['a'], { unique: true });
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      await scene.push(['a'], { unique: true });
      expect(await consumer.claim()).toEqual([]);
      expect(await consumer.claimRecovered()).toMatchObject([{ id: 'a', crashes: 1 }]);
    });

    it('a second push adds only the jobs that are missing', async () => {
      await scene.push(['a', 'c'], { unique: true });
      await scene.push(['a', 'b', 'c', 'd'], { unique: true });
      expect(idsOf(await scene.consume().drain())).toEqual(['a', 'c', 'b', 'd']);
    });

    it.each([
      ['completed', settlement.complete],
      ['failed', settlement.fail],
    ])('a second push adds nothing after the job has %s, until its status expires', async (state, settlementOf) => {
      await scene.push(['a'], { unique: true });
      const consumer = scene.consume();
      await consumer.settle(settlementOf(await consumer.claimOne()));
      await scene.push(['a'], { unique: true });
      expect(await consumer.claim()).toEqual([]);
      expect(await scene.driver.getStatus('a')).toMatchObject({ state });
      await scene.advance(STATUS_TTL + 1);
      await scene.push(['a'], { unique: true });
      expect(await consumer.claim()).toMatchObject([{ id: 'a', attempt: 1 }]);
    });

    it.each([
      ['complete', settlement.complete],
      ['fail', settlement.fail],
      ['retry', settlement.retry],
      ['release', settlement.release],
    ])('a second settlement (%s) of the same claim is refused, and changes nothing', async (_, settlementOf) => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const settled = settlementOf(await consumer.claimOne());
      expect((await consumer.settle(settled)).refused).toEqual([]);
      const before = [await scene.driver.getStatus('a'), await scene.driver.counts(QUEUE)];
      expect((await consumer.settle(settled)).refused).toEqual(['a']);
      expect([await scene.driver.getStatus('a'), await scene.driver.counts(QUEUE)]).toEqual(before);
    });

    it('the first of two settlements of one job in one poll counts, the second is refused', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const job = await consumer.claimOne();
      expect((await consumer.settle(settlement.complete(job), settlement.retry(job))).refused).toEqual(['a']);
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'completed' });
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
    });

    it('a second claim does not return a job that the consumer holds already', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.claimOne();
      expect(await consumer.claim()).toEqual([]);
    });
  });

  describe('idempotence without statuses', () => {
    const scene = new Scene(harness, 0);

    it('a second push adds nothing while the job lives, and adds it again after its end', async () => {
      await scene.push(['a'], { unique: true });
      const consumer = scene.consume();
      const job = await consumer.claimOne();
      await scene.push(['a'], { unique: true });
      expect(await consumer.claim()).toEqual([]);
      await consumer.complete(job);
      await scene.push(['a'], { unique: true });
      expect(await consumer.claimOne()).toMatchObject({ id: 'a', attempt: 1 });
    });
  });
}

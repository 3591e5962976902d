import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import {
  claim,
  claimOne,
  claimRecovered,
  complete,
  drain,
  fail,
  idsOf,
  QUEUE,
  release,
  retry,
  Scene,
  settle,
  STATUS_TTL,
} from './scene.js';

/**
 * What is asked for twice acts once, where the contract says so. That a storage's own resends do nothing is for its own
 * tests: they cannot be told from here.
 */
export function describeIdempotence(harness: DriverHarness): void {
  describe('idempotence', () => {
    const scene = new Scene(harness);

    it('of a push adds nothing while the job is ready', async () => {
      await scene.push(['a', 'b'], { unique: true });
      await scene.push(['a', 'b'], { unique: true });
      expect(idsOf(await drain(scene.consume()))).toEqual(['a', 'b']);
    });

    it('of a push adds nothing while the job is delayed, and leaves it when it is due', async () => {
      await scene.push(['a'], { unique: true, delay: 10 });
      await scene.advance(5);
      await scene.push(['a'], { unique: true, delay: 10 });
      await scene.advance(5);
      expect(idsOf(await drain(scene.consume()))).toEqual(['a']);
      await scene.advance(10);
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, delayed: 0, reserved: 0, failed: 0 });
    });

    it('of a push adds nothing while the job is being run', async () => {
      await scene.push(['a'], { unique: true });
      const consumer = scene.consume();
      await claimOne(consumer);
      await scene.push(['a'], { unique: true });
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, reserved: 1 });
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'processing' });
    });

    it('of a push adds nothing while the job waits for its next attempt, and leaves its attempts', async () => {
      await scene.push(['a'], { unique: true });
      const consumer = scene.consume();
      await settle(consumer, retry(await claimOne(consumer), { delay: 10 }));
      await scene.push(['a'], { unique: true });
      expect(await claim(consumer)).toEqual([]);
      await scene.advance(10);
      expect(await claimOne(consumer)).toMatchObject({ id: 'a', attempt: 2 });
    });

    it('of a push adds nothing while the job is a recovered job', async () => {
      await scene.push(['a'], { unique: true });
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      await scene.push(['a'], { unique: true });
      expect(await claim(consumer)).toEqual([]);
      expect(await claimRecovered(consumer)).toMatchObject([{ id: 'a', crashes: 1 }]);
    });

    it('of a push adds those that are missing', async () => {
      await scene.push(['a', 'c'], { unique: true });
      await scene.push(['a', 'b', 'c', 'd'], { unique: true });
      expect(idsOf(await drain(scene.consume()))).toEqual(['a', 'c', 'b', 'd']);
    });

    it.each([
      ['completed', complete],
      ['failed', fail],
    ])('of a push whose job has %s lasts as long as the status', async (state, end) => {
      await scene.push(['a'], { unique: true });
      const consumer = scene.consume();
      await settle(consumer, end(await claimOne(consumer)));
      await scene.push(['a'], { unique: true });
      expect(await claim(consumer)).toEqual([]);
      expect(await scene.driver.getStatus('a')).toMatchObject({ state });
      await scene.advance(STATUS_TTL + 1);
      await scene.push(['a'], { unique: true });
      expect(await claim(consumer)).toMatchObject([{ id: 'a', attempt: 1 }]);
    });

    it.each([
      ['complete', complete],
      ['fail', fail],
      ['retry', retry],
      ['release', release],
    ])('of a settlement (%s): the second one is refused, and does nothing', async (_, how) => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const settlement = how(await claimOne(consumer));
      expect((await settle(consumer, settlement)).refused).toEqual([]);
      const before = [await scene.driver.getStatus('a'), await scene.driver.counts(QUEUE)];
      expect((await settle(consumer, settlement)).refused).toEqual(['a']);
      expect([await scene.driver.getStatus('a'), await scene.driver.counts(QUEUE)]).toEqual(before);
    });

    it('of two settlements of one job in a poll: the first counts', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const job = await claimOne(consumer);
      expect((await settle(consumer, complete(job), retry(job))).refused).toEqual(['a']);
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'completed' });
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, delayed: 0, reserved: 0, failed: 0 });
    });

    it('of a claim of what is held already: it brings nothing', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await claimOne(consumer);
      expect(await claim(consumer)).toEqual([]);
    });
  });

  describe('idempotence without statuses', () => {
    const scene = new Scene(harness, 0);

    it('of a push lasts as long as the job', async () => {
      await scene.push(['a'], { unique: true });
      const consumer = scene.consume();
      const job = await claimOne(consumer);
      await scene.push(['a'], { unique: true });
      expect(await claim(consumer)).toEqual([]);
      await settle(consumer, complete(job));
      await scene.push(['a'], { unique: true });
      expect(await claimOne(consumer)).toMatchObject({ id: 'a', attempt: 1 });
    });
  });
}

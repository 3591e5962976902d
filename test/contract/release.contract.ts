import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { claim, claimOne, complete, idsOf, QUEUE, release, retry, Scene, settle, STATUS_TTL } from './scene.js';

export function describeRelease(harness: DriverHarness): void {
  describe('release', () => {
    const scene = new Scene(harness);

    it('does not count the attempt', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await settle(consumer, release(await claimOne(consumer)));
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'queued', attempt: 0 });
      expect((await claimOne(consumer)).attempt).toBe(1);
    });

    it('puts the job at the back', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      await settle(consumer, release(await claimOne(consumer), { position: 'back' }));
      expect(idsOf(await claim(consumer))).toEqual(['b', 'a']);
    });

    it('puts the job at the front, where it keeps its turn', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      await settle(consumer, release(await claimOne(consumer), { position: 'front' }));
      expect(idsOf(await claim(consumer))).toEqual(['a', 'b']);
    });

    it('keeps the turns of several jobs, in whatever order they are settled', async () => {
      await scene.push(['a', 'b', 'c', 'd', 'e']);
      const consumer = scene.consume();
      const [a, b, c, d] = await claim(consumer, 4);
      const front = { position: 'front' } as const;
      await settle(consumer, release(b!, front), complete(d!), release(c!, front), release(a!, front));
      expect(idsOf(await claim(consumer))).toEqual(['a', 'b', 'c', 'e']);
    });

    it.each(['front', 'back'] as const)(
      'keeps the job until it is due, whatever its position (%s)',
      async (position) => {
        await scene.push(['a']);
        const consumer = scene.consume();
        await settle(consumer, release(await claimOne(consumer), { delay: 60, position }));
        expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'delayed', queue: QUEUE, attempt: 0 });
        expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, delayed: 1, reserved: 0, failed: 0 });
        await scene.advance(58);
        expect(await claim(consumer)).toEqual([]);
        await scene.advance(2);
        expect(await claimOne(consumer)).toMatchObject({ id: 'a', attempt: 1 });
      },
    );

    it('can hand the job out again in the same poll', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      const settlements = [release(await claimOne(consumer), { position: 'front' })];
      const { jobs } = await consumer.poll({ settlements, limit: 1, recovered: false });
      expect(idsOf(jobs)).toEqual(['a']);
    });

    describe('for a name that is not known', () => {
      const unknown = { unknown: true, delay: 10 };

      it('remembers when that began', async () => {
        await scene.push(['a']);
        const consumer = scene.consume();
        await scene.advance(100);
        const first = await claimOne(consumer);
        expect(first.unknownFor).toBe(0);
        await settle(consumer, release(first, unknown));
        for (const seconds of [10, 20]) {
          await scene.advance(10);
          const job = await claimOne(consumer);
          expect(job.unknownFor).toBeGreaterThanOrEqual(seconds * 1000);
          expect(job.unknownFor).toBeLessThan((seconds + 1) * 1000);
          await settle(consumer, release(job, unknown));
        }
      });

      it.each([
        ['put back', release],
        ['tried again', retry],
      ])('forgets it when the job was known, and %s', async (_, putBack) => {
        await scene.push(['a']);
        const consumer = scene.consume();
        await settle(consumer, release(await claimOne(consumer), unknown));
        await scene.advance(10);
        await settle(consumer, putBack(await claimOne(consumer), { delay: 10 }));
        await scene.advance(10);
        const job = await claimOne(consumer);
        expect(job.unknownFor).toBe(0);
        await settle(consumer, release(job, unknown));
        await scene.advance(10);
        expect((await claimOne(consumer)).unknownFor).toBeLessThan(11_000);
      });

      it('has forgotten it of a job that is pushed again after its end', async () => {
        await scene.push(['a']);
        const consumer = scene.consume();
        await settle(consumer, release(await claimOne(consumer), unknown));
        await scene.advance(10);
        await settle(consumer, complete(await claimOne(consumer)));
        await scene.advance(STATUS_TTL * 2);
        await scene.push(['a'], { unique: true });
        expect((await claimOne(consumer)).unknownFor).toBe(0);
      });
    });
  });
}

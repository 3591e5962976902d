import { describe, expect, it } from '@jest/globals';
import type { ClaimedJob } from '../../lib/drivers/queue-driver.interface.js';
import type { DriverHarness } from './driver-harness.js';
import { idsOf, QUEUE, Scene, settlement, STATUS_TTL, type TestConsumer } from './scene.js';

export function describeRelease(harness: DriverHarness): void {
  describe('release', () => {
    const scene = new Scene(harness);

    it('does not count the attempt', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.release(await consumer.claimOne());
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'queued', attempt: 0 });
      expect((await consumer.claimOne()).attempt).toBe(1);
    });

    it('puts the job at the back of its queue', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      await consumer.release(await consumer.claimOne(), { position: 'back' });
      expect(idsOf(await consumer.claim())).toEqual(['b', 'a']);
    });

    it('puts the job at the front of its queue if asked to', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      await consumer.release(await consumer.claimOne(), { position: 'front' });
      expect(idsOf(await consumer.claim())).toEqual(['a', 'b']);
    });

    it('keeps the claim order of several jobs at the front, in any order of settlements', async () => {
      await scene.push(['a', 'b', 'c', 'd', 'e']);
      const consumer = scene.consume();
      const [a, b, c, d] = await consumer.claim(4);
      const front = { position: 'front' } as const;
      await consumer.settle(
        settlement.release(b!, front),
        settlement.complete(d!),
        settlement.release(c!, front),
        settlement.release(a!, front),
      );
      expect(idsOf(await consumer.claim())).toEqual(['a', 'b', 'c', 'e']);
    });

    it.each(['front', 'back'] as const)(
      'keeps a delayed job until it is due, at any position (%s)',
      async (position) => {
        await scene.push(['a']);
        const consumer = scene.consume();
        await consumer.release(await consumer.claimOne(), { delay: 60, position });
        expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'delayed', queue: QUEUE, attempt: 0 });
        expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 1, reserved: 0, failed: 0 });
        await scene.advance(58);
        expect(await consumer.claim()).toEqual([]);
        await scene.advance(2);
        expect(await consumer.claimOne()).toMatchObject({ id: 'a', attempt: 1 });
      },
    );

    it('lets the same poll claim the job again', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      const settlements = [settlement.release(await consumer.claimOne(), { position: 'front' })];
      const { jobs } = await consumer.poll({ settlements, limit: 1 });
      expect(idsOf(jobs)).toEqual(['a']);
    });

    describe('is counted', () => {
      const front = { position: 'front' } as const;

      it('from the first one on, each time, with a delay too', async () => {
        await scene.push(['a']);
        const consumer = scene.consume();
        for (const releases of [undefined, 1, 2]) {
          const job = await consumer.claimOne();
          expect(job.releases).toBe(releases);
          await consumer.release(job, { delay: releases === 1 ? 10 : 0 });
          await scene.advance(10);
        }
      });

      it.each([
        ['retry', async (job: ClaimedJob, consumer: TestConsumer) => void (await consumer.retry(job))],
        [
          'requeue',
          async (job: ClaimedJob, consumer: TestConsumer) =>
            void (await consumer.settle(settlement.release(job, front))),
        ],
        [
          'release for its unknown name',
          async (job: ClaimedJob, consumer: TestConsumer) => {
            await consumer.release(job, { unknown: true });
            await consumer.release(await consumer.claimOne(), { unknown: true });
          },
        ],
        [
          'reschedule',
          async (job: ClaimedJob, consumer: TestConsumer) => {
            await consumer.settle(settlement.release(job, { ...front, delay: 100 }));
            await scene.driver.mending.reschedule(QUEUE, 'a', 10);
            await scene.advance(10);
          },
        ],
      ])('and the count stays over a %s', async (_, act) => {
        await scene.push(['a']);
        const consumer = scene.consume();
        await consumer.release(await consumer.claimOne());
        await act(await consumer.claimOne(), consumer);
        expect((await consumer.claimOne()).releases).toBe(1);
      });

      it('and the count stays when the consumer of the job is lost', async () => {
        const alive = scene.consume();
        await scene.push(['a']);
        await alive.release(await alive.claimOne());
        await scene.crashWith(1, alive);
        expect(await alive.claimRecovered()).toMatchObject([{ id: 'a', crashes: 1, releases: 1 }]);
      });

      it('anew after an operator has put the job back: it has started, and was not released', async () => {
        await scene.push(['a', 'b']);
        const consumer = scene.consume();
        for (const job of await consumer.claim(2)) await consumer.release(job);
        for (const job of await consumer.claim(2)) await consumer.settle(settlement.fail(job));
        await scene.driver.mending.retry(QUEUE, ['a']);
        await scene.driver.mending.move(QUEUE, ['b'], 'other');
        expect(await consumer.claimOne()).toMatchObject({ id: 'a', releases: 0 });
        expect(await scene.consume({ queue: 'other' }).claimOne()).toMatchObject({ id: 'b', releases: 0 });
      });

      it('not at the front, where the next consumer learns of a start if it is told', async () => {
        await scene.push(['a', 'b']);
        const consumer = scene.consume();
        const [a, b] = await consumer.claim(2);
        await consumer.settle(settlement.release(a!, front), settlement.release(b!, { ...front, hasStarted: true }));
        const again = await consumer.claim(2);
        expect(again.map(({ id, releases }) => [id, releases])).toEqual([
          ['a', undefined],
          ['b', 0],
        ]);
        await consumer.settle(...again.map((job) => settlement.release(job)));
        const released = await consumer.claim(2);
        await consumer.settle(...released.map((job) => settlement.release(job, { ...front, hasStarted: true })));
        expect((await consumer.claim(2)).map(({ releases }) => releases)).toEqual([1, 1]);
      });

      it('not of a job whose name is unknown', async () => {
        await scene.push(['a']);
        const consumer = scene.consume();
        await consumer.release(await consumer.claimOne(), { unknown: true });
        expect((await consumer.claimOne()).releases).toBeUndefined();
      });
    });

    describe('of a job with an unknown name', () => {
      const unknown = { unknown: true, delay: 10 };

      it('remembers since when the name is unknown', async () => {
        await scene.push(['a']);
        const consumer = scene.consume();
        await scene.advance(100);
        const first = await consumer.claimOne();
        expect(first.unknownFor).toBe(0);
        await consumer.release(first, unknown);
        for (const seconds of [10, 20]) {
          await scene.advance(10);
          const job = await consumer.claimOne();
          expect(job.unknownFor).toBeGreaterThanOrEqual(seconds * 1000);
          expect(job.unknownFor).toBeLessThan((seconds + 1) * 1000);
          await consumer.release(job, unknown);
        }
      });

      it.each([
        ['released', settlement.release],
        ['retried', settlement.retry],
      ])('forgets the time after a worker knew the name and the job was %s', async (_, settlementOf) => {
        await scene.push(['a']);
        const consumer = scene.consume();
        await consumer.release(await consumer.claimOne(), unknown);
        await scene.advance(10);
        await consumer.settle(settlementOf(await consumer.claimOne(), { delay: 10 }));
        await scene.advance(10);
        const job = await consumer.claimOne();
        expect(job.unknownFor).toBe(0);
        await consumer.release(job, unknown);
        await scene.advance(10);
        expect((await consumer.claimOne()).unknownFor).toBeLessThan(11_000);
      });

      it('forgets the time of a job that ended and is pushed again', async () => {
        await scene.push(['a']);
        const consumer = scene.consume();
        await consumer.release(await consumer.claimOne(), unknown);
        await scene.advance(10);
        await consumer.complete(await consumer.claimOne());
        await scene.advance(STATUS_TTL * 2);
        await scene.push(['a'], { unique: true });
        expect((await consumer.claimOne()).unknownFor).toBe(0);
      });
    });
  });
}

import { describe, expect, it, jest } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import {
  claim,
  claimOne,
  claimRecovered,
  complete,
  expectDueIn,
  fail,
  IDLE,
  idsOf,
  LEASE,
  numbered,
  QUEUE,
  release,
  retry,
  Scene,
  settle,
} from './scene.js';

export function describeLease(harness: DriverHarness): void {
  describe('lease', () => {
    const scene = new Scene(harness);

    it('stays with a consumer that lives, however long its jobs take', async () => {
      await scene.push(['a']);
      const [consumer, other] = [scene.consume(), scene.consume()];
      const job = await claimOne(consumer);
      for (let i = 0; i < 5; i++) {
        await scene.advance(LEASE);
        expect(await claimRecovered(other)).toEqual([]);
      }
      expect(await settle(consumer, complete(job))).toMatchObject({ lost: false, refused: [] });
    });

    it('is not lost before it has run out', async () => {
      await scene.push(['a']);
      const [consumer, other] = [scene.consume(), scene.consume()];
      const job = await claimOne(consumer);
      await harness.stall(consumer);
      await scene.advance(LEASE / 2);
      await other.poll(IDLE);
      await scene.advance(LEASE / 2 - 2);
      expect(await claimRecovered(other)).toEqual([]);
      expect(await settle(consumer, complete(job))).toMatchObject({ lost: false, refused: [] });
    });

    it('is renewed by a poll', async () => {
      await scene.push(['a']);
      const [consumer, other] = [scene.consume(), scene.consume()];
      const job = await claimOne(consumer);
      await harness.stall(consumer);
      for (let i = 0; i < 6; i++) {
        await scene.advance(LEASE / 2);
        expect(await claimRecovered(other)).toEqual([]);
        expect((await consumer.poll(IDLE)).lost).toBe(false);
      }
      expect((await settle(consumer, complete(job))).refused).toEqual([]);
    });

    it('of another one is told of, so that its jobs are taken over as soon as it has run out', async () => {
      await scene.push(['a']);
      const [consumer, other] = [scene.consume(), scene.consume()];
      await claimOne(consumer);
      expect((await consumer.poll(IDLE)).nextDue).toBeNull();
      expectDueIn((await other.poll(IDLE)).nextDue, LEASE);
      await harness.stall(consumer);
      await scene.advance(LEASE / 2);
      const { nextDue } = await other.poll(IDLE);
      expectDueIn(nextDue, LEASE / 2);
      await scene.advance(nextDue! / 1000);
      expect(idsOf(await claimRecovered(other))).toEqual(['a']);
      expect((await other.poll(IDLE)).nextDue).toBeNull();
    });

    it('of another one is told of where a job is due later, and not where one is due sooner', async () => {
      await scene.push(['a']);
      const [consumer, other] = [scene.consume(), scene.consume()];
      await claimOne(consumer);
      await scene.push(['later'], { delay: LEASE + 10 });
      expectDueIn((await other.poll(IDLE)).nextDue, LEASE);
      await scene.push(['sooner'], { delay: LEASE - 10 });
      expectDueIn((await other.poll(IDLE)).nextDue, LEASE - 10);
    });

    it('of one who held more than a poll takes over calls for the next poll at once', async () => {
      await scene.push(numbered(250));
      const [consumer, other] = [scene.consume(), scene.consume()];
      await claim(consumer, 250);
      await harness.stall(consumer);
      await scene.advance(LEASE / 2);
      await other.poll(IDLE);
      await scene.advance(LEASE / 2);
      expect((await other.poll(IDLE)).nextDue).toBe(0);
    });

    it('is not lost while nobody has taken the jobs over', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const job = await claimOne(consumer);
      await harness.stall(consumer);
      await scene.advance(LEASE * 2);
      expect(await settle(consumer, complete(job))).toMatchObject({ lost: false, refused: [] });
      expect(await claimRecovered(scene.consume())).toEqual([]);
    });

    it('is given up by a consumer that closes, and runs out', async () => {
      await scene.push(['a']);
      const [consumer, other] = [scene.consume(), scene.consume()];
      await claimOne(consumer);
      await consumer.close();
      await other.poll(IDLE);
      await scene.advance(LEASE - 5);
      expect(await claimRecovered(other)).toEqual([]);
      await scene.advance(6);
      await other.poll(IDLE);
      await scene.advance(LEASE / 2);
      expect(await claimRecovered(other)).toMatchObject([{ id: 'a', attempt: 1, crashes: 1 }]);
    });

    describe('lost', () => {
      it('passes the jobs on, and counts a crash and no attempt', async () => {
        await scene.push(['a']);
        const other = scene.consume();
        await scene.crashWith(1, other);
        expect(await claimRecovered(other)).toMatchObject([{ id: 'a', body: 'body of a', attempt: 1, crashes: 1 }]);
      });

      it('tells the consumer, and settles nothing', async () => {
        await scene.push(['a', 'b', 'c', 'd']);
        const [consumer, other] = [scene.consume(), scene.consume()];
        const [a, b, c, d] = await claim(consumer);
        await scene.outlive(consumer, other);
        await other.poll(IDLE);
        const settlements = [complete(a!), fail(b!), retry(c!), release(d!, { position: 'front' })];
        const result = await consumer.poll({ settlements, limit: 10, recovered: true });
        expect(result).toMatchObject({ lost: true, jobs: [], refused: ['a', 'b', 'c', 'd'] });
        expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 4, delayed: 0, reserved: 0, failed: 0 });
        expect(await claim(other)).toEqual([]);
      });

      it('tells the consumer once: then it begins anew, as another consumer', async () => {
        await scene.push(['a']);
        const [consumer, other] = [scene.consume(), scene.consume()];
        const zombie = await claimOne(consumer);
        await scene.outlive(consumer, other);
        await other.poll(IDLE);
        expect((await consumer.poll(IDLE)).lost).toBe(true);
        await scene.push(['b']);
        const result = await consumer.poll({ settlements: [complete(zombie)], limit: 10, recovered: true });
        expect(result).toMatchObject({ lost: false, refused: ['a'] });
        expect(result.jobs).toMatchObject([
          { id: 'a', crashes: 1 },
          { id: 'b', crashes: 0 },
        ]);
        expect((await settle(consumer, ...result.jobs.map((job) => complete(job)))).refused).toEqual([]);
      });

      it('lets nobody settle for the next consumer', async () => {
        await scene.push(['a']);
        const [consumer, other] = [scene.consume(), scene.consume()];
        const zombie = await claimOne(consumer);
        await scene.outlive(consumer, other);
        const [job] = await claimRecovered(other);
        await settle(consumer, complete(zombie));
        expect((await settle(consumer, complete(zombie))).refused).toEqual(['a']);
        expect((await settle(consumer, complete(job!))).refused).toEqual(['a']);
        expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'processing' });
        expect((await settle(other, complete(job!))).refused).toEqual([]);
      });

      it('is found out by a consumer that comes back to life, without a poll', async () => {
        await scene.push(['a']);
        const onLost = jest.fn();
        const [consumer, other] = [scene.consume({ onLost }), scene.consume()];
        await claimOne(consumer);
        await scene.outlive(consumer, other);
        await other.poll(IDLE);
        await harness.resume(consumer);
        expect(onLost).toHaveBeenCalledTimes(1);
        await scene.advance(LEASE * 2);
        expect(onLost).toHaveBeenCalledTimes(1);
        expect((await consumer.poll(IDLE)).lost).toBe(true);
      });

      it('is kept by a consumer that comes back to life in time', async () => {
        await scene.push(['a']);
        const onLost = jest.fn();
        const [consumer, other] = [scene.consume({ onLost }), scene.consume()];
        const job = await claimOne(consumer);
        await harness.stall(consumer);
        await scene.advance(LEASE / 2);
        await other.poll(IDLE);
        await harness.resume(consumer);
        await scene.advance(LEASE * 3);
        expect(await claimRecovered(other)).toEqual([]);
        expect((await settle(consumer, complete(job))).refused).toEqual([]);
        expect(onLost).not.toHaveBeenCalled();
      });

      it('is not told to the others', async () => {
        await scene.push(['a', 'b']);
        const onLost = jest.fn();
        const other = scene.consume({ onLost });
        const job = await claimOne(other);
        await scene.crashWith(1, other);
        expect(idsOf(await claimRecovered(other))).toEqual(['b']);
        expect((await settle(other, complete(job))).refused).toEqual([]);
        expect(onLost).not.toHaveBeenCalled();
      });
    });
  });
}

import { describe, expect, it, jest } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { expectDueIn, idsOf, LEASE, numbered, QUEUE, Scene, settlement } from './scene.js';

export function describeLease(harness: DriverHarness): void {
  describe('lease of a consumer', () => {
    const scene = new Scene(harness);

    it('prolongs the lease of a living consumer while its job runs longer than the lease', async () => {
      await scene.push(['a']);
      const [consumer, other] = [scene.consume(), scene.consume()];
      const job = await consumer.claimOne();
      for (let i = 0; i < 5; i++) {
        await scene.advance(LEASE);
        expect(await other.claimRecovered()).toEqual([]);
      }
      expect(await consumer.complete(job)).toMatchObject({ lost: false, refused: [] });
    });

    it('keeps the lease of a stalled consumer until it runs out', async () => {
      await scene.push(['a']);
      const [consumer, other] = [scene.consume(), scene.consume()];
      const job = await consumer.claimOne();
      await scene.stall(consumer);
      await scene.advance(LEASE / 2);
      await other.poll();
      await scene.advance(LEASE / 2 - 2);
      expect(await other.claimRecovered()).toEqual([]);
      expect(await consumer.complete(job)).toMatchObject({ lost: false, refused: [] });
    });

    it('prolongs the lease of a stalled consumer with each of its polls', async () => {
      await scene.push(['a']);
      const [consumer, other] = [scene.consume(), scene.consume()];
      const job = await consumer.claimOne();
      await scene.stall(consumer);
      for (let i = 0; i < 6; i++) {
        await scene.advance(LEASE / 2);
        expect(await other.claimRecovered()).toEqual([]);
        expect((await consumer.poll()).lost).toBe(false);
      }
      expect((await consumer.complete(job)).refused).toEqual([]);
    });

    it('tells other consumers when the lease runs out, so that they recover the jobs at that time', async () => {
      await scene.push(['a']);
      const [consumer, other] = [scene.consume(), scene.consume()];
      await consumer.claimOne();
      expect((await consumer.poll()).nextDue).toBeNull();
      expectDueIn((await other.poll()).nextDue, LEASE);
      await scene.stall(consumer);
      await scene.advance(LEASE / 2);
      const { nextDue } = await other.poll();
      expectDueIn(nextDue, LEASE / 2);
      await scene.advance(nextDue! / 1000);
      expect(idsOf(await other.claimRecovered())).toEqual(['a']);
      expect((await other.poll()).nextDue).toBeNull();
    });

    it('tells other consumers the earlier of two times: the end of the lease or the next due job', async () => {
      await scene.push(['a']);
      const [consumer, other] = [scene.consume(), scene.consume()];
      await consumer.claimOne();
      await scene.push(['later'], { delay: LEASE + 10 });
      expectDueIn((await other.poll()).nextDue, LEASE);
      await scene.push(['sooner'], { delay: LEASE - 10 });
      expectDueIn((await other.poll()).nextDue, LEASE - 10);
    });

    it('asks for another poll at once if the lost consumer held more jobs than one poll recovers', async () => {
      await scene.push(numbered(250));
      const [consumer, other] = [scene.consume(), scene.consume()];
      await consumer.claim(250);
      await scene.stall(consumer);
      await scene.advance(LEASE / 2);
      await other.poll();
      await scene.advance(LEASE / 2);
      expect((await other.poll()).nextDue).toBe(0);
    });

    it('still lets a consumer settle after its lease ran out if no other consumer recovered its jobs', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const job = await consumer.claimOne();
      await scene.stall(consumer);
      await scene.advance(LEASE * 2);
      expect(await consumer.complete(job)).toMatchObject({ lost: false, refused: [] });
      expect(await scene.consume().claimRecovered()).toEqual([]);
    });

    it('lets others recover the jobs of a closed consumer when its lease has run out', async () => {
      await scene.push(['a']);
      const [consumer, other] = [scene.consume(), scene.consume()];
      await consumer.claimOne();
      await consumer.close();
      await other.poll();
      await scene.advance(LEASE - 5);
      expect(await other.claimRecovered()).toEqual([]);
      await scene.advance(6);
      await other.poll();
      await scene.advance(LEASE / 2);
      expect(await other.claimRecovered()).toMatchObject([{ id: 'a', attempt: 1, crashes: 1 }]);
    });

    describe('after its end', () => {
      it('hands the jobs to another consumer, and counts a crash but no attempt', async () => {
        await scene.push(['a']);
        const other = scene.consume();
        await scene.crashWith(1, other);
        expect(await other.claimRecovered()).toMatchObject([{ id: 'a', body: 'body of a', attempt: 1, crashes: 1 }]);
      });

      it('says that the lease is lost, and refuses each settlement', async () => {
        await scene.push(['a', 'b', 'c', 'd']);
        const [consumer, other] = [scene.consume(), scene.consume()];
        const [a, b, c, d] = await consumer.claim();
        await scene.outlive(consumer, other);
        await other.poll();
        const settlements = [
          settlement.complete(a!),
          settlement.fail(b!),
          settlement.retry(c!),
          settlement.release(d!, { position: 'front' }),
        ];
        const result = await consumer.poll({ settlements, limit: 10, recovered: true });
        expect(result).toMatchObject({ lost: true, jobs: [], refused: ['a', 'b', 'c', 'd'] });
        expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 4, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
        expect(await other.claim()).toEqual([]);
      });

      it('says once that the lease is lost, then lets the consumer claim again', async () => {
        await scene.push(['a']);
        const [consumer, other] = [scene.consume(), scene.consume()];
        const zombie = await consumer.claimOne();
        await scene.outlive(consumer, other);
        await other.poll();
        expect((await consumer.poll()).lost).toBe(true);
        await scene.push(['b']);
        const result = await consumer.poll({ settlements: [settlement.complete(zombie)], limit: 10, recovered: true });
        expect(result).toMatchObject({ lost: false, refused: ['a'] });
        expect(result.jobs).toMatchObject([
          { id: 'a', crashes: 1 },
          { id: 'b', crashes: 0 },
        ]);
        expect((await consumer.settle(...result.jobs.map((job) => settlement.complete(job)))).refused).toEqual([]);
      });

      it('refuses a settlement of the lost consumer while the next consumer holds the job', async () => {
        await scene.push(['a']);
        const [consumer, other] = [scene.consume(), scene.consume()];
        const zombie = await consumer.claimOne();
        await scene.outlive(consumer, other);
        const [job] = await other.claimRecovered();
        await consumer.complete(zombie);
        expect((await consumer.complete(zombie)).refused).toEqual(['a']);
        expect((await consumer.complete(job!)).refused).toEqual(['a']);
        expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'processing' });
        expect((await other.complete(job!)).refused).toEqual([]);
      });

      it('calls onLost once when the lost consumer resumes, without a poll', async () => {
        await scene.push(['a']);
        const onLost = jest.fn();
        const [consumer, other] = [scene.consume({ onLost }), scene.consume()];
        await consumer.claimOne();
        await scene.outlive(consumer, other);
        await other.poll();
        await scene.resume(consumer);
        expect(onLost).toHaveBeenCalledTimes(1);
        await scene.advance(LEASE * 2);
        expect(onLost).toHaveBeenCalledTimes(1);
        expect((await consumer.poll()).lost).toBe(true);
      });

      it('keeps the lease of a consumer that resumes before the lease runs out', async () => {
        await scene.push(['a']);
        const onLost = jest.fn();
        const [consumer, other] = [scene.consume({ onLost }), scene.consume()];
        const job = await consumer.claimOne();
        await scene.stall(consumer);
        await scene.advance(LEASE / 2);
        await other.poll();
        await scene.resume(consumer);
        await scene.advance(LEASE * 3);
        expect(await other.claimRecovered()).toEqual([]);
        expect((await consumer.complete(job)).refused).toEqual([]);
        expect(onLost).not.toHaveBeenCalled();
      });

      it('does not call onLost of a consumer that keeps its own lease', async () => {
        await scene.push(['a', 'b']);
        const onLost = jest.fn();
        const other = scene.consume({ onLost });
        const job = await other.claimOne();
        await scene.crashWith(1, other);
        expect(idsOf(await other.claimRecovered())).toEqual(['b']);
        expect((await other.complete(job)).refused).toEqual([]);
        expect(onLost).not.toHaveBeenCalled();
      });
    });
  });
}

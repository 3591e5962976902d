import { describe, expect, it } from '@jest/globals';
import type { ClaimedJob, TakenOver } from '../../lib/drivers/queue-driver.interface.js';
import type { DriverHarness } from './driver-harness.js';
import {
  claim,
  claimRecovered,
  complete,
  IDLE,
  idsOf,
  LEASE,
  numbered,
  QUEUE,
  release,
  retry,
  Scene,
  settle,
  STATUS_TTL,
} from './scene.js';

export function describeRecovered(harness: DriverHarness): void {
  describe('recovered', () => {
    const scene = new Scene(harness);

    it('are handed out one a poll, before what is ready', async () => {
      await scene.push(['a', 'b', 'c']);
      const consumer = scene.consume();
      await scene.crashWith(3, consumer);
      await scene.push(['d', 'e']);
      expect(idsOf(await claimRecovered(consumer, 2))).toEqual(['a', 'd']);
      expect(idsOf(await claimRecovered(consumer, 2))).toEqual(['b', 'e']);
      expect(idsOf(await claimRecovered(consumer, 2))).toEqual(['c']);
      expect(await claimRecovered(consumer, 2)).toEqual([]);
    });

    it('count towards the limit', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      expect(await claimRecovered(consumer, 0)).toEqual([]);
      expect(idsOf(await claimRecovered(consumer, 1))).toEqual(['a']);
    });

    it('stay where they are when none is asked for', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      expect(idsOf(await claim(consumer))).toEqual(['b']);
      expect(await consumer.poll(IDLE)).toMatchObject({ more: false, recovered: true });
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 1, reserved: 1 });
    });

    it('are told of as long as some are left, and apart from what is ready', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      await scene.crashWith(2, consumer);
      const request = { ...IDLE, limit: 1, recovered: true };
      expect(await consumer.poll({ ...request, limit: 0 })).toMatchObject({ more: false, recovered: true });
      expect(await consumer.poll(request)).toMatchObject({ more: false, recovered: true });
      expect(await consumer.poll(request)).toMatchObject({ more: false, recovered: false });
      await scene.push(['c', 'd']);
      expect(await consumer.poll(request)).toMatchObject({ more: true, recovered: false });
    });

    it.each([
      ['retried', (job: ClaimedJob) => retry(job), 0],
      ['retried later', (job: ClaimedJob) => retry(job, { delay: 10 }), 10],
      ['released', (job: ClaimedJob) => release(job), 0],
      ['released later', (job: ClaimedJob) => release(job, { delay: 10 }), 10],
      ['put back at the front', (job: ClaimedJob) => release(job, { position: 'front' }), 0],
    ])('stay recovered when they are %s', async (_, end, delay) => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      const [recoveredJob] = await claimRecovered(consumer);
      await settle(consumer, end(recoveredJob!));
      await scene.advance(delay);
      expect(idsOf(await claim(consumer))).toEqual(['b']);
      expect(await claimRecovered(consumer)).toMatchObject([{ id: 'a', crashes: 1 }]);
    });

    it('do not hide when the next job is due', async () => {
      await scene.push(['a']);
      await scene.push(['delayed'], { delay: 1_000 });
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      const { nextDue } = await consumer.poll(IDLE);
      expect(nextDue).toBeGreaterThan(0);
    });

    it('are told of by their status', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      await consumer.poll(IDLE);
      expect(await scene.driver.getStatus('a')).toMatchObject({
        state: 'retrying',
        queue: QUEUE,
        attempt: 1,
        error: expect.stringContaining('lost'),
      });
      await claimRecovered(consumer);
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'processing', attempt: 1 });
    });

    it.each([
      ['released', (job: ClaimedJob) => release(job), { state: 'queued', attempt: 0 }],
      [
        'put back at the front',
        (job: ClaimedJob) => release(job, { position: 'front' }),
        { state: 'queued', attempt: 0 },
      ],
      ['retried', (job: ClaimedJob) => retry(job), { state: 'retrying', attempt: 1, error: 'no luck' }],
    ])('are told of with the attempts that were made, once they were %s', async (_, end, told) => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      const [recoveredJob] = await claimRecovered(consumer);
      await settle(consumer, end(recoveredJob!));
      expect(await scene.driver.getStatus('a')).toEqual({ ...told, queue: QUEUE, updatedAt: expect.any(Number) });
    });

    it('of a lost consumer stand before those that become due with the same poll', async () => {
      await scene.push(['due', 'lost']);
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      const [due] = await claimRecovered(consumer);
      await scene.advance(1);
      const victim = scene.consume();
      await claim(victim);
      await settle(consumer, retry(due!, { delay: LEASE }));
      await scene.outlive(victim, consumer);
      expect(idsOf([...(await claimRecovered(consumer)), ...(await claimRecovered(consumer))])).toEqual([
        'lost',
        'due',
      ]);
    });

    it('are named by the poll that recovers them, with their lost consumer', async () => {
      await scene.push(['a', 'b', 'c']);
      const [lost, stays, other] = [scene.consume(), scene.consume(), scene.consume()];
      await claim(lost, 2);
      await claim(stays, 1);
      await harness.stall(lost);
      const takenOver: TakenOver[] = [];
      for (let part = 0; part < 6; part++) {
        takenOver.push(...(await other.poll(IDLE)).takenOver);
        await scene.advance(LEASE / 3);
      }
      const consumer = expect.stringMatching(/./);
      expect(takenOver).toEqual([
        { id: 'a', consumer },
        { id: 'b', consumer },
      ]);
      expect(takenOver[0]!.consumer).toBe(takenOver[1]!.consumer);
    });

    it('have each of their crashes counted', async () => {
      await scene.push(['a']);
      const witness = scene.consume();
      await scene.crashWith(1, witness);
      for (const crashes of [1, 2]) {
        const victim = scene.consume();
        expect(await claimRecovered(victim)).toMatchObject([{ id: 'a', attempt: 1, crashes }]);
        await scene.outlive(victim, witness);
      }
      expect(await claimRecovered(witness)).toMatchObject([{ id: 'a', attempt: 1, crashes: 3 }]);
    });

    it.each([
      ['put back', release],
      ['tried again', retry],
    ])('keep their crashes when they are %s', async (_, putBack) => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      const [job] = await claimRecovered(consumer);
      await settle(consumer, putBack(job!, {}));
      expect(await claimRecovered(consumer)).toMatchObject([{ id: 'a', crashes: 1 }]);
    });

    it('are done with when they complete', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      const [job] = await claimRecovered(consumer);
      expect((await settle(consumer, complete(job!))).refused).toEqual([]);
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'completed', attempt: 1 });
      await scene.advance(STATUS_TTL * 2);
      await scene.push(['a'], { unique: true });
      expect(await claim(consumer)).toMatchObject([{ id: 'a', crashes: 0 }]);
    });

    it('come back one and all, once each, however many the lost consumer held', async () => {
      const ids = numbered(250);
      await scene.push(ids);
      const consumer = scene.consume();
      await scene.crashWith(250, consumer);
      const seen: string[] = [];
      // A poll takes over only so many, so that it stays short: the first ones find more with each poll.
      for (let poll = 0; poll < 1000 && seen.length < ids.length; poll++) {
        const jobs = await claimRecovered(consumer);
        await settle(consumer, ...jobs.map((job) => complete(job)));
        seen.push(...idsOf(jobs));
      }
      expect(seen.sort()).toEqual(ids);
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, delayed: 0, reserved: 0, failed: 0 });
    });

    it('come back from several lost consumers', async () => {
      await scene.push(['a', 'b', 'c']);
      const consumer = scene.consume();
      const lost = [scene.consume(), scene.consume(), scene.consume()];
      for (const each of lost) {
        await claim(each, 1);
        await harness.stall(each);
      }
      await scene.outlive(lost[0]!, consumer);
      const seen = [
        ...(await claimRecovered(consumer)),
        ...(await claimRecovered(consumer)),
        ...(await claimRecovered(consumer)),
      ];
      expect(idsOf(seen).sort()).toEqual(['a', 'b', 'c']);
    });
  });
}

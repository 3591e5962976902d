import { describe, expect, it } from '@jest/globals';
import type { ClaimedJob, TakenOver } from '../../lib/drivers/queue-driver.interface.js';
import type { DriverHarness } from './driver-harness.js';
import { idsOf, LEASE, numbered, QUEUE, Scene, settlement, STATUS_TTL } from './scene.js';

export function describeRecovered(harness: DriverHarness): void {
  describe('recovered jobs', () => {
    const scene = new Scene(harness);

    it('are handed out one in each poll, before the ready jobs', async () => {
      await scene.push(['a', 'b', 'c']);
      const consumer = scene.consume();
      await scene.crashWith(3, consumer);
      await scene.push(['d', 'e']);
      expect(idsOf(await consumer.claimRecovered(2))).toEqual(['a', 'd']);
      expect(idsOf(await consumer.claimRecovered(2))).toEqual(['b', 'e']);
      expect(idsOf(await consumer.claimRecovered(2))).toEqual(['c']);
      expect(await consumer.claimRecovered(2)).toEqual([]);
    });

    it('count towards the limit of the poll', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      expect(await consumer.claimRecovered(0)).toEqual([]);
      expect(idsOf(await consumer.claimRecovered(1))).toEqual(['a']);
    });

    it('are not handed out to a poll that does not ask for them', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      expect(idsOf(await consumer.claim())).toEqual(['b']);
      expect(await consumer.poll()).toMatchObject({ more: false, recovered: true });
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 1, reserved: 1 });
    });

    it('are reported as waiting until the last one is claimed, apart from ready jobs', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      await scene.crashWith(2, consumer);
      const request = { limit: 1, recovered: true };
      expect(await consumer.poll({ ...request, limit: 0 })).toMatchObject({ more: false, recovered: true });
      expect(await consumer.poll(request)).toMatchObject({ more: false, recovered: true });
      expect(await consumer.poll(request)).toMatchObject({ more: false, recovered: false });
      await scene.push(['c', 'd']);
      expect(await consumer.poll(request)).toMatchObject({ more: true, recovered: false });
    });

    it.each([
      ['retried', (job: ClaimedJob) => settlement.retry(job), 0],
      ['retried later', (job: ClaimedJob) => settlement.retry(job, { delay: 10 }), 10],
      ['released', (job: ClaimedJob) => settlement.release(job), 0],
      ['released later', (job: ClaimedJob) => settlement.release(job, { delay: 10 }), 10],
      ['requeued', (job: ClaimedJob) => settlement.release(job, { position: 'front' }), 0],
    ])('are recovered jobs again after they were %s', async (_, settlementOf, delay) => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      const [recoveredJob] = await consumer.claimRecovered();
      await consumer.settle(settlementOf(recoveredJob!));
      await scene.advance(delay);
      expect(idsOf(await consumer.claim())).toEqual(['b']);
      expect(await consumer.claimRecovered()).toMatchObject([{ id: 'a', crashes: 1 }]);
    });

    it('do not hide the due time of the next delayed job', async () => {
      await scene.push(['a']);
      await scene.push(['delayed'], { delay: 1_000 });
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      const { nextDue } = await consumer.poll();
      expect(nextDue).toBeGreaterThan(0);
    });

    it('have the status retrying with an error until they are claimed', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      await consumer.poll();
      expect(await scene.driver.getStatus('a')).toMatchObject({
        state: 'retrying',
        queue: QUEUE,
        attempt: 1,
        error: expect.stringContaining('lost'),
      });
      await consumer.claimRecovered();
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'processing', attempt: 1 });
    });

    it.each([
      ['released', (job: ClaimedJob) => settlement.release(job), { state: 'queued', attempt: 0 }],
      [
        'requeued',
        (job: ClaimedJob) => settlement.release(job, { position: 'front' }),
        { state: 'queued', attempt: 0 },
      ],
      ['retried', (job: ClaimedJob) => settlement.retry(job), { state: 'retrying', attempt: 1, error: 'no luck' }],
    ])('have a status with the number of finished attempts after they were %s', async (_, settlementOf, expected) => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      const [recoveredJob] = await consumer.claimRecovered();
      await consumer.settle(settlementOf(recoveredJob!));
      expect(await scene.driver.getStatus('a')).toEqual({ ...expected, queue: QUEUE, updatedAt: expect.any(Number) });
    });

    it('come before recovered jobs that become due in the same poll', async () => {
      await scene.push(['due', 'lost']);
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      const [due] = await consumer.claimRecovered();
      await scene.advance(1);
      const victim = scene.consume();
      await victim.claim();
      await consumer.retry(due!, { delay: LEASE });
      await scene.outlive(victim, consumer);
      expect(idsOf([...(await consumer.claimRecovered()), ...(await consumer.claimRecovered())])).toEqual([
        'lost',
        'due',
      ]);
    });

    it('are named by the poll that recovers them, with their lost consumer', async () => {
      await scene.push(['a', 'b', 'c']);
      const [lost, stays, other] = [scene.consume(), scene.consume(), scene.consume()];
      await lost.claim(2);
      await stays.claim(1);
      await scene.stall(lost);
      const takenOver: TakenOver[] = [];
      for (let part = 0; part < 6; part++) {
        takenOver.push(...(await other.poll()).takenOver);
        await scene.advance(LEASE / 3);
      }
      const consumer = expect.stringMatching(/./);
      expect(takenOver).toEqual([
        { id: 'a', consumer },
        { id: 'b', consumer },
      ]);
      expect(takenOver[0]!.consumer).toBe(takenOver[1]!.consumer);
    });

    it('count each of their crashes', async () => {
      await scene.push(['a']);
      const witness = scene.consume();
      await scene.crashWith(1, witness);
      for (const crashes of [1, 2]) {
        const victim = scene.consume();
        expect(await victim.claimRecovered()).toMatchObject([{ id: 'a', attempt: 1, crashes }]);
        await scene.outlive(victim, witness);
      }
      expect(await witness.claimRecovered()).toMatchObject([{ id: 'a', attempt: 1, crashes: 3 }]);
    });

    it.each([
      ['released', settlement.release],
      ['retried', settlement.retry],
    ])('keep their number of crashes after they were %s', async (_, settlementOf) => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      const [job] = await consumer.claimRecovered();
      await consumer.settle(settlementOf(job!, {}));
      expect(await consumer.claimRecovered()).toMatchObject([{ id: 'a', crashes: 1 }]);
    });

    it('end when they complete, and a new job with the same id has no crashes', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      const [job] = await consumer.claimRecovered();
      expect((await consumer.complete(job!)).refused).toEqual([]);
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'completed', attempt: 1 });
      await scene.advance(STATUS_TTL * 2);
      await scene.push(['a'], { unique: true });
      expect(await consumer.claim()).toMatchObject([{ id: 'a', crashes: 0 }]);
    });

    it('are handed out once each if the lost consumer held more than one poll recovers', async () => {
      const ids = numbered(250);
      await scene.push(ids);
      const consumer = scene.consume();
      await scene.crashWith(250, consumer);
      const seen: string[] = [];
      // One poll recovers a limited number of jobs, so that it stays short: each of the first polls recovers more.
      for (let poll = 0; poll < 1000 && seen.length < ids.length; poll++) {
        const jobs = await consumer.claimRecovered();
        await consumer.settle(...jobs.map((job) => settlement.complete(job)));
        seen.push(...idsOf(jobs));
      }
      expect(seen.sort()).toEqual(ids);
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
    });

    it('are recovered from several lost consumers', async () => {
      await scene.push(['a', 'b', 'c']);
      const consumer = scene.consume();
      const lost = [scene.consume(), scene.consume(), scene.consume()];
      for (const each of lost) {
        await each.claim(1);
        await scene.stall(each);
      }
      await scene.outlive(lost[0]!, consumer);
      const seen = [
        ...(await consumer.claimRecovered()),
        ...(await consumer.claimRecovered()),
        ...(await consumer.claimRecovered()),
      ];
      expect(idsOf(seen).sort()).toEqual(['a', 'b', 'c']);
    });
  });
}

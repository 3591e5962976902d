import { describe, expect, it } from '@jest/globals';
import type { ClaimedJob, Settlement } from '../../lib/drivers/queue-driver.interface.js';
import type { DriverHarness } from './driver-harness.js';
import { QUEUE, Scene, settlement } from './scene.js';

const SETTLEMENTS: readonly [string, (job: ClaimedJob) => Settlement][] = [
  ['complete', settlement.complete],
  ['fail', settlement.fail],
  ['retry', settlement.retry],
  ['release', settlement.release],
];

/** A storage refuses a settlement that its consumer has no right to: it changes nothing about the job. */
export function describeBadStates(harness: DriverHarness): void {
  describe.each(SETTLEMENTS)('settlement without a claim (%s)', (_, settlementOf) => {
    const scene = new Scene(harness);

    it('is refused if the job was never pushed and the consumer never claimed a job', async () => {
      const result = await scene.consume().settle(settlementOf(held('nothing', 1)));
      expect(result).toMatchObject({ lost: false, refused: ['nothing'] });
      expect(await scene.driver.getStatus('nothing')).toBeNull();
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
    });

    it('is refused if the job is still waiting', async () => {
      await scene.push(['a']);
      expect((await scene.consume().settle(settlementOf(held('a', 1)))).refused).toEqual(['a']);
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 1, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
    });

    it('is refused if its fencing token is not the one of the claim', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const job = await consumer.claimOne();
      for (const fence of [job.fence - 1, job.fence + 1, 0]) {
        expect((await consumer.settle(settlementOf({ ...job, fence }))).refused).toEqual(['a']);
      }
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'processing' });
      expect((await consumer.settle(settlementOf(job))).refused).toEqual([]);
    });

    it('is refused if another consumer holds the job', async () => {
      await scene.push(['a', 'b']);
      const [owner, other] = [scene.consume(), scene.consume()];
      const job = await owner.claimOne();
      await other.claimOne();
      expect((await other.settle(settlementOf(job))).refused).toEqual(['a']);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ reserved: 2 });
      expect((await owner.settle(settlementOf(job))).refused).toEqual([]);
    });

    it('is refused if the job is in another queue', async () => {
      await scene.push(['a']);
      const [owner, other] = [scene.consume(), scene.consume({ queue: 'other' })];
      const job = await owner.claimOne();
      expect((await other.settle(settlementOf(job))).refused).toEqual(['a']);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ reserved: 1 });
      expect(await scene.driver.counts('other')).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
    });

    it('does not stop the valid settlements of the same poll', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      const [a, b] = await consumer.claim();
      const result = await consumer.settle(
        settlementOf(held('x', 1)),
        settlement.complete(a!),
        settlementOf({ ...b!, fence: 1 }),
        settlement.complete(b!),
      );
      expect([...result.refused].sort()).toEqual(['b', 'x']);
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
    });
  });
}

function held(id: string, fence: number): ClaimedJob {
  return { id, fence, body: '', pushedAt: 0, attempt: 1, crashes: 0, unknownFor: 0 };
}

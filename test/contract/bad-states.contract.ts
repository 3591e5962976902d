import { describe, expect, it } from '@jest/globals';
import type { ClaimedJob, Settlement } from '../../lib/drivers/queue-driver.interface.js';
import type { DriverHarness } from './driver-harness.js';
import { claim, claimOne, complete, fail, QUEUE, release, retry, Scene, settle } from './scene.js';

const WAYS: readonly [string, (job: ClaimedJob) => Settlement][] = [
  ['complete', complete],
  ['fail', fail],
  ['retry', retry],
  ['release', release],
];

/** What a consumer says without having a right to it. */
export function describeBadStates(harness: DriverHarness): void {
  describe.each(WAYS)('bad states: %s', (_, how) => {
    const scene = new Scene(harness);

    it('is refused for a job that was never pushed, before anything was claimed', async () => {
      const result = await settle(scene.consume(), how(held('nothing', 1)));
      expect(result).toMatchObject({ lost: false, refused: ['nothing'] });
      expect(await scene.driver.getStatus('nothing')).toBeNull();
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, delayed: 0, reserved: 0, failed: 0 });
    });

    it('is refused for a job that waits', async () => {
      await scene.push(['a']);
      expect((await settle(scene.consume(), how(held('a', 1)))).refused).toEqual(['a']);
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 1, delayed: 0, reserved: 0, failed: 0 });
    });

    it('is refused under another fence', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const job = await claimOne(consumer);
      for (const fence of [job.fence - 1, job.fence + 1, 0]) {
        expect((await settle(consumer, how({ ...job, fence }))).refused).toEqual(['a']);
      }
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'processing' });
      expect((await settle(consumer, how(job))).refused).toEqual([]);
    });

    it("is refused for another consumer's job", async () => {
      await scene.push(['a', 'b']);
      const [owner, other] = [scene.consume(), scene.consume()];
      const job = await claimOne(owner);
      await claimOne(other);
      expect((await settle(other, how(job))).refused).toEqual(['a']);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ reserved: 2 });
      expect((await settle(owner, how(job))).refused).toEqual([]);
    });

    it("is refused for another queue's job", async () => {
      await scene.push(['a']);
      const [owner, other] = [scene.consume(), scene.consume({ queue: 'other' })];
      const job = await claimOne(owner);
      expect((await settle(other, how(job))).refused).toEqual(['a']);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ reserved: 1 });
      expect(await scene.driver.counts('other')).toEqual({ ready: 0, delayed: 0, reserved: 0, failed: 0 });
    });

    it('counts for the jobs that are held, when others are refused beside them', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      const [a, b] = await claim(consumer);
      const result = await settle(consumer, how(held('x', 1)), complete(a!), how({ ...b!, fence: 1 }), complete(b!));
      expect([...result.refused].sort()).toEqual(['b', 'x']);
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, delayed: 0, reserved: 0, failed: 0 });
    });
  });
}

function held(id: string, fence: number): ClaimedJob {
  return { id, fence, body: '', pushedAt: 0, attempt: 1, crashes: 0, unknownFor: 0 };
}

import { describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import type { DriverHarness } from './driver-harness.js';
import { complete, fail, idsOf, LEASE, QUEUE, release, retry, Scene } from './scene.js';

const cancelOf = ({ id, fence }: { id: string; fence: number }, hasRun: boolean, error?: string) =>
  ({ kind: 'cancel', id, fence, hasRun, ...(error !== undefined && { error }) }) as const;

export function describeCancel(harness: DriverHarness): void {
  describe('a cancelled job', () => {
    const scene = new Scene(harness);
    const cancel = (id: string, reason?: string) => scene.driver.cancellations.cancel(id, reason);
    const state = async (id: string) => (await scene.driver.getStatus(id))?.state ?? null;

    it.each([
      ['ready', 0],
      ['delayed', 5],
    ])('that is %s ends at once', async (_place, delay) => {
      await scene.push(['a', 'b'], { delay });
      expect(await cancel('a', 'no use')).toBe('cancelled');
      expect(await scene.driver.getStatus('a')).toMatchObject({
        state: 'cancelled',
        queue: QUEUE,
        attempt: 0,
        error: 'no use',
      });
      await scene.advance(6);
      expect(idsOf(await scene.consume().claim())).toEqual(['b']);
    });

    it('that waits for its next attempt ends at once', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.retry(await consumer.claimOne(), { delay: 5 });
      expect(await cancel('a')).toBe('cancelled');
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'cancelled', attempt: 1 });
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, delayed: 0, reserved: 0, failed: 0 });
    });

    it('that was recovered ends at once', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      await consumer.poll();
      expect(await cancel('a')).toBe('cancelled');
      expect(await consumer.claimRecovered()).toEqual([]);
    });

    it('is none if it has ended, or is not known', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.complete(await consumer.claimOne());
      expect([await cancel('a'), await cancel('nobody')]).toEqual([null, null]);
      expect(await state('a')).toBe('completed');
    });

    it('is told to its consumer by each reply, until its end', async () => {
      await scene.push(['a', 'b', 'c']);
      const [consumer, other] = [scene.consume(), scene.consume()];
      const [a, b] = await consumer.claim(2);
      await other.claim(1);
      expect([await cancel('a', 'no "use"'), await cancel('b'), await cancel('a', 'again')]).toEqual(
        Array(3).fill('cancelling'),
      );
      const told = [{ id: 'a', reason: 'no "use"' }, { id: 'b' }];
      expect((await consumer.poll()).cancelled).toEqual(told);
      expect((await consumer.poll()).cancelled).toEqual(told);
      expect((await other.poll()).cancelled).toEqual([]);
      const { cancelled } = await consumer.settle(cancelOf(a!, true, 'no "use"'));
      expect(cancelled).toEqual([{ id: 'b' }]);
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'cancelled', attempt: 1, error: 'no "use"' });
      await consumer.settle(cancelOf(b!, false));
      expect(await scene.driver.getStatus('b')).toMatchObject({ state: 'cancelled', attempt: 0 });
      expect((await consumer.poll()).cancelled).toEqual([]);
    });

    it('calls its consumer', async () => {
      let calls = 0;
      await scene.push(['a', 'b']);
      const consumer = scene.consume({ onSignal: () => calls++ });
      await consumer.claim();
      await cancel('a');
      // The subscription may arrive after the first signal.
      await eventually(async () => {
        await cancel('b');
        return calls > 0;
      });
    });

    it('calls its consumer by the next sign of life if the signal is lost', async () => {
      let calls = 0;
      await scene.push(['a']);
      const consumer = scene.consume({ onSignal: () => calls++ });
      await consumer.claim();
      await cancel('a');
      calls = 0;
      if (harness.supports.signalsGetLost) {
        await scene.advance(LEASE / 3);
        await eventually(() => calls > 0);
      }
      expect((await consumer.poll()).cancelled).toEqual([{ id: 'a' }]);
    });

    it.each([
      ['complete', complete, 'completed'],
      ['fail', fail, 'failed'],
    ] as const)('may still %s', async (_kind, settle, end) => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const job = await consumer.claimOne();
      await cancel('a');
      expect((await consumer.settle(settle(job))).cancelled).toEqual([]);
      expect(await state('a')).toBe(end);
      expect(await cancel('a')).toBeNull();
    });

    it.each([
      ['retried', retry],
      ['released', release],
    ] as const)('that is %s does not wait, and is told to who claims it next', async (_kind, settle) => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const job = await consumer.claimOne();
      await cancel('a', 'no use');
      await consumer.settle(settle(job, { delay: 3_600 }));
      expect(await cancel('a')).toBe('cancelling');
      const { jobs, cancelled } = await scene.consume().poll({ limit: 1 });
      expect({ ids: idsOf(jobs), cancelled }).toEqual({ ids: ['a'], cancelled: [{ id: 'a', reason: 'no use' }] });
    });

    it('whose consumer is lost is told to who recovers it', async () => {
      await scene.push(['a']);
      const [lost, alive] = [scene.consume(), scene.consume()];
      await lost.claim();
      await cancel('a', 'no use');
      await scene.outlive(lost, alive);
      const { jobs, cancelled } = await alive.poll({ limit: 1, recovered: true });
      expect({ ids: idsOf(jobs), cancelled }).toEqual({ ids: ['a'], cancelled: [{ id: 'a', reason: 'no use' }] });
      await alive.settle(cancelOf(jobs[0]!, true));
      expect(await state('a')).toBe('cancelled');
    });

    it('leaves its id free: a job that is pushed under it runs once', async () => {
      await scene.push(['a', 'b'], { unique: true });
      await cancel('a');
      await scene.driver.push(QUEUE, [{ id: 'a', body: '', delay: 0, replacesEnded: true }], true);
      const consumer = scene.consume();
      const jobs = await consumer.claim();
      expect(idsOf(jobs)).toEqual(['b', 'a']);
      expect(await cancel('a')).toBe('cancelling');
      await consumer.settle(...jobs.map((job) => complete(job)));
      await scene.driver.push(QUEUE, [{ id: 'a', body: '', delay: 0, replacesEnded: true }], true);
      expect(await consumer.poll({ limit: 1 })).toMatchObject({ jobs: [{ id: 'a' }], cancelled: [] });
    });

    it('that waits to be ended goes with clear()', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const job = await consumer.claimOne();
      await cancel('a');
      await consumer.release(job);
      expect(await scene.driver.clear(QUEUE)).toBe(1);
      await scene.push(['a']);
      expect((await consumer.poll({ limit: 1 })).cancelled).toEqual([]);
    });

    it('is refused after the driver was closed', async () => {
      await scene.driver.close();
      await expect(cancel('a')).rejects.toThrow('closed');
    });
  });
}

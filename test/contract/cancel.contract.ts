import { describe, expect, it } from '@jest/globals';
import type { LiveJob, LivePage } from '../../lib/drivers/queue-cancellations.interface.js';
import { eventually } from '../support/eventually.js';
import type { DriverHarness } from './driver-harness.js';
import { complete, fail, idsOf, LEASE, numbered, QUEUE, release, retry, Scene } from './scene.js';

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
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
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

    it('is claimed again at once if its name is unknown and it has not run, and else after the delay', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      const [a, b] = await consumer.claim();
      await consumer.settle(retry(b!));
      const again = await consumer.claimOne();
      await cancel('a');
      await cancel('b');
      const unknown = { delay: 300, unknown: true } as const;
      await consumer.settle(release(a!, unknown), release(again, unknown));
      expect(idsOf(await consumer.claim())).toEqual(['a']);
      await scene.advance(301);
      expect(idsOf(await consumer.claim())).toEqual(['b']);
    });

    it('that was put back is not put off', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const job = await consumer.claimOne();
      await cancel('a');
      await consumer.settle(release(job));
      expect(await scene.driver.mending.reschedule(QUEUE, 'a', 3_600)).toBe(false);
      expect(await scene.driver.mending.reschedule(QUEUE, 'a', 0)).toBe(true);
      expect(idsOf(await consumer.claim())).toEqual(['a']);
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

  describe('the jobs of a queue that have not ended', () => {
    const scene = new Scene(harness);
    const state = async (id: string) => (await scene.driver.getStatus(id))?.state ?? null;

    /** Reads all pages. */
    async function live(queue = QUEUE, pushedBy?: number) {
      const jobs: LiveJob[] = [];
      let page: LivePage | undefined;
      do {
        const from = { cursor: page?.cursor, pushedBy: page?.pushedBy ?? pushedBy };
        page = await scene.driver.cancellations.live(queue, { limit: 10, headers: true, ...from });
        jobs.push(...page.jobs);
      } while (page.cursor !== undefined);
      return { jobs, ids: [...new Set(jobs.map(({ id }) => id))].toSorted(), pushedBy: page.pushedBy };
    }

    /** Has jobs in each place: a ready, b delayed, c claimed, d recovered; and ended ones. */
    async function pushEverywhere() {
      const consumer = scene.consume();
      await scene.push(['e', 'f', 'd']);
      const [e, f] = await consumer.claim(2);
      await consumer.settle(complete(e!), fail(f!));
      await scene.crashWith(1, consumer);
      await scene.push(['c']);
      const [c] = await consumer.claim(1);
      await scene.push(['a']);
      await scene.push(['b'], { delay: 60 });
      return { consumer, c: c! };
    }

    it('are listed in whatever place they are, with the first lines of their records', async () => {
      await pushEverywhere();
      await scene.driver.push('other', [{ id: 'x', body: 'hOther\n{}', delay: 0 }], false);
      const { jobs, ids } = await live();
      expect(ids).toEqual(['a', 'b', 'c', 'd']);
      expect(jobs.every(({ header }) => header !== undefined && !header.includes('\n'))).toBe(true);
      expect((await live('other')).jobs).toEqual([{ id: 'x', header: 'hOther' }]);
      expect((await live('nobody')).jobs).toEqual([]);
    });

    it('are listed by pages, without those that were pushed after the first page', async () => {
      const ids = numbered(700);
      await scene.push(ids);
      const first = await scene.driver.cancellations.live(QUEUE, { limit: 10, headers: false });
      await scene.advance(1);
      await scene.push(['later']);
      expect((await live(QUEUE, first.pushedBy)).ids).toEqual(ids.toSorted());
      expect((await live()).ids).toContain('later');
    });

    it('are cancelled, each once', async () => {
      const { consumer, c } = await pushEverywhere();
      const { ids, pushedBy } = await live();
      const { ended, told } = await scene.driver.cancellations.cancelSome(
        QUEUE,
        [...ids, 'e', 'f', 'x'],
        pushedBy,
        'no use',
      );
      expect({ ended: ended.toSorted(), told }).toEqual({ ended: ['a', 'b', 'd'], told: 1 });
      expect(await Promise.all(['a', 'b', 'd', 'e', 'f'].map(state))).toEqual([
        ...Array<string>(3).fill('cancelled'),
        'completed',
        'failed',
      ]);
      expect(await scene.driver.getStatus('a')).toMatchObject({ error: 'no use' });
      expect((await consumer.poll()).cancelled).toEqual([{ id: 'c', reason: 'no use' }]);
      expect(await scene.driver.cancellations.cancelSome(QUEUE, ids, pushedBy)).toEqual({ ended: [], told: 0 });
      await consumer.settle(cancelOf(c, true));
      expect((await live()).ids).toEqual([]);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, delayed: 0, reserved: 0 });
    });

    it('are left alone if they were pushed later under the same id', async () => {
      await scene.push(['a', 'b'], { unique: true });
      const { ids, pushedBy } = await live();
      await scene.driver.cancellations.cancel('a');
      await scene.advance(1);
      await scene.driver.push(QUEUE, [{ id: 'a', body: '', delay: 0, replacesEnded: true }], true);
      expect(await scene.driver.cancellations.cancelSome(QUEUE, ids, pushedBy)).toEqual({ ended: ['b'], told: 0 });
      expect(await state('a')).toBe('queued');
    });

    it('are cancelled by hundreds', async () => {
      const ids = numbered(300);
      await scene.push(ids);
      const consumer = scene.consume();
      await consumer.claim(40);
      const { pushedBy } = await live();
      const { ended, told } = await scene.driver.cancellations.cancelSome(QUEUE, ids, pushedBy);
      expect([ended.length, told]).toEqual([260, 40]);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, reserved: 40 });
      expect(await consumer.poll({ limit: 10 })).toMatchObject({ jobs: [], danglingIds: [] });
    });
  });
}

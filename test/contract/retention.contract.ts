import { describe, expect, it } from '@jest/globals';
import type { Settlement } from '../../lib/drivers/queue-driver.interface.js';
import type { DriverHarness } from './driver-harness.js';
import { numbered, QUEUE, Scene, settlement } from './scene.js';

/** Seconds. */
const LONG = 300;

function keeping(end: Settlement, keep: number): Settlement {
  return { ...end, keep } as Settlement;
}

/** Tests how long ended jobs are kept; see `admin` for what is kept of them. */
export function describeRetention(harness: DriverHarness): void {
  describe('retention', () => {
    const scene = new Scene(harness, 600, { completed: 100, failed: LONG, maxCompleted: 2, maxFailed: 3 });
    const failed = async (): Promise<number> => (await scene.driver.counts(QUEUE)).failed;
    const stateOf = async (id: string) => (await scene.driver.getStatus(id))?.state;

    it('keeps a failed job and its status for another time than a completed one', async () => {
      await scene.push(['bad', 'good']);
      const consumer = scene.consume();
      const [bad, good] = await consumer.claim();
      await consumer.settle(settlement.fail(bad!), settlement.complete(good!));
      await scene.advance(90);
      expect(await stateOf('good')).toBe('completed');
      await scene.advance(11);
      expect(await stateOf('good')).toBeUndefined();
      expect(await stateOf('bad')).toBe('failed');
      expect(await failed()).toBe(1);
      await scene.advance(LONG - 110);
      expect(await stateOf('bad')).toBe('failed');
      await scene.advance(20);
      expect(await stateOf('bad')).toBeUndefined();
      expect(await failed()).toBe(0);
    });

    it('removes the oldest failed job with its status if there are too many', async () => {
      const consumer = scene.consume();
      for (const id of numbered(5)) {
        await scene.push([id]);
        await consumer.fail(await consumer.claimOne());
        await scene.advance(1);
      }
      expect(await failed()).toBe(3);
      const states = await Promise.all(numbered(5).map(stateOf));
      expect(states).toEqual([undefined, undefined, 'failed', 'failed', 'failed']);
    });

    it('keeps the status of a completed job however many are kept with their records', async () => {
      await scene.push(numbered(5));
      await scene.consume().drain();
      for (const id of numbered(5)) expect(await stateOf(id)).toBe('completed');
    });

    it('of a job beats that of its queue', async () => {
      await scene.push(['short', 'long', 'none', 'done', 'nothing']);
      const consumer = scene.consume();
      const [short, long, none, done, nothing] = await consumer.claim();
      await consumer.settle(
        keeping(settlement.fail(short!), 50),
        keeping(settlement.fail(long!), 2 * LONG),
        keeping(settlement.fail(none!), 0),
        keeping(settlement.complete(done!), 3 * LONG),
        keeping(settlement.complete(nothing!), 0),
      );
      expect(await failed()).toBe(2);
      expect(await stateOf('none')).toBeUndefined();
      expect(await stateOf('nothing')).toBeUndefined();
      await scene.advance(60);
      expect(await stateOf('short')).toBeUndefined();
      // The storage looks at its kept jobs when another job fails.
      await scene.push(['other']);
      await consumer.fail(await consumer.claimOne());
      expect(await failed()).toBe(2);
      await scene.advance(LONG);
      expect(await stateOf('long')).toBe('failed');
      expect(await stateOf('done')).toBe('completed');
      await scene.push(['another']);
      await consumer.fail(await consumer.claimOne());
      expect(await failed()).toBe(2);
      await scene.advance(LONG - 120);
      expect(await stateOf('long')).toBe('failed');
      await scene.advance(120);
      expect(await stateOf('long')).toBeUndefined();
    });

    it('keeps a failed job with a longer time of its own, though one that failed before it goes', async () => {
      const consumer = scene.consume();
      for (const [id, keep] of [
        ['first', undefined],
        ['long', 3 * LONG],
      ] as const) {
        await scene.push([id]);
        const end = settlement.fail(await consumer.claimOne());
        await consumer.settle(keep === undefined ? end : keeping(end, keep));
      }
      await scene.advance(LONG + 10);
      await scene.push(['other']);
      await consumer.fail(await consumer.claimOne());
      expect(await stateOf('first')).toBeUndefined();
      expect(await stateOf('long')).toBe('failed');
      expect(await failed()).toBe(2);
      expect(await scene.driver.mending.retry(QUEUE, ['first', 'long'])).toBe(1);
    });

    it('keeps failed jobs in the order of their failures, whatever the time of each', async () => {
      const consumer = scene.consume();
      const failOne = async (id: string, keep?: number): Promise<void> => {
        await scene.push([id]);
        const end = settlement.fail(await consumer.claimOne());
        await consumer.settle(keep === undefined ? end : keeping(end, keep));
        await scene.advance(1);
      };
      const listed = async (): Promise<readonly string[]> =>
        (await scene.driver.mending.failed(QUEUE, { limit: 10, headers: false })).jobs.map(({ id }) => id);
      await failOne('long', 10 * LONG);
      await failOne('longer', 20 * LONG);
      await failOne('other');
      await scene.advance(LONG);
      expect(await listed()).toEqual(['long', 'longer']);
      await failOne('first');
      expect(await listed()).toEqual(['long', 'longer', 'first']);
      const newest = { place: 'failed', states: ['failed'], order: 'newest', limit: 10, skip: 0, filter: {} } as const;
      expect((await scene.driver.lists.page(QUEUE, newest)).jobs.map(({ id }) => id)).toEqual([
        'first',
        'longer',
        'long',
      ]);
      await failOne('second');
      expect(await listed()).toEqual(['longer', 'first', 'second']);
      expect(await stateOf('long')).toBeUndefined();
      expect(await stateOf('second')).toBe('failed');
    });

    it('leaves the status of a job alone whose id another queue has now', async () => {
      const job = { id: 'order', body: 'hOrder\n{}', delay: 0, name: 'Order' };
      const consumer = scene.consume();
      const other = scene.consume({ queue: 'other' });
      // It keeps the list of failed jobs from being dropped as a whole.
      await scene.push(['waits'], { delay: 10 * LONG });
      await scene.driver.push(QUEUE, [job], true);
      await consumer.fail(await consumer.claimOne());
      await scene.advance(LONG + 1);
      expect(await scene.driver.push('other', [job], true)).toBeUndefined();
      await other.complete(await other.claimOne());
      // The storage looks at its kept jobs when other jobs fail, and has too many of them.
      for (const id of numbered(4)) {
        await scene.push([id]);
        await consumer.fail(await consumer.claimOne());
      }
      expect(await scene.driver.getStatus('order')).toMatchObject({ state: 'completed', queue: 'other' });
      expect(await scene.driver.push('other', [job], true)).toEqual([{ index: 0, outcome: 'duplicate', id: 'order' }]);
    });

    it('keeps a status that the application wrote as long as the job, so that its id stays taken', async () => {
      const job = { id: 'order', body: 'hOrder\n{}', delay: 0, name: 'Order' };
      const consumer = scene.consume();
      await scene.driver.push(QUEUE, [job], true);
      await consumer.fail(await consumer.claimOne());
      await scene.driver.setStatus('order', 'completed');
      await scene.advance(LONG - 10);
      expect(await stateOf('order')).toBe('completed');
      await expect(scene.driver.push('other', [job], true)).rejects.toMatchObject({ code: 'ERR_JOB_ID_CONFLICT' });
      expect(await scene.driver.push(QUEUE, [job], true)).toEqual([{ index: 0, outcome: 'duplicate', id: 'order' }]);
      expect(await scene.driver.mending.retry(QUEUE, ['order'])).toBe(1);
      expect(await stateOf('order')).toBe('queued');
      await consumer.fail(await consumer.claimOne());
      await scene.driver.setStatus('order', 'cancelled');
      await scene.advance(LONG + 1);
      expect(await scene.driver.push('other', [job], true)).toBeUndefined();
      expect(await scene.driver.mending.retry(QUEUE, ['order'])).toBe(0);
    });

    it('frees the id of an ended job that a push takes', async () => {
      const job = { id: 'order', body: 'hOrder\n{}', delay: 0, name: 'Order' };
      const consumer = scene.consume();
      for (const end of [settlement.fail, settlement.complete]) {
        await scene.driver.push(QUEUE, [job], true);
        await consumer.settle(end(await consumer.claimOne()));
        // Something of it is kept: the push adds nothing.
        await scene.driver.push(QUEUE, [job], true);
        expect(await consumer.claim()).toEqual([]);
        await scene.driver.push(QUEUE, [{ ...job, replacesEnded: true }], true);
        expect(await failed()).toBe(0);
        // The records of the older jobs go, and that of the new job stays.
        await scene.push(numbered(3, end.name));
        const [first, ...others] = await consumer.claim();
        expect(first).toMatchObject({ id: 'order', body: job.body });
        await consumer.settle(...others.map((each) => settlement.complete(each)));
        await consumer.settle(settlement.release(first!));
        const again = await consumer.claimOne();
        expect(again).toMatchObject({ id: 'order', body: job.body, attempt: 1 });
        await consumer.settle(keeping(settlement.complete(again), 0));
      }
    });
  });
}

import { describe, expect, it } from '@jest/globals';
import type { DebounceKey, JobTraits } from '../../lib/drivers/job-traits.interface.js';
import type { NewJob, PushException } from '../../lib/drivers/queue-driver.interface.js';
import type { DriverHarness } from './driver-harness.js';
import { idsOf, QUEUE, release, retry, Scene } from './scene.js';

const KEY = 'Index\ta';

/** Tests jobs that later pushes may replace until they start. */
export function describeDebounce(harness: DriverHarness): void {
  describe('debounced jobs', () => {
    const scene = new Scene(harness);
    const job = (id: string, delay = 10, key: Partial<DebounceKey> = {}, traits: JobTraits = {}): NewJob => ({
      id,
      body: `body of ${id}`,
      delay,
      isGenerated: true,
      traits: { ...traits, debounce: { key: KEY, ...key } },
    });
    const push = (...jobs: NewJob[]): Promise<readonly PushException[] | undefined> =>
      scene.driver.push(QUEUE, jobs, true);
    const replaced = (id: string) => [{ index: 0, outcome: 'replaced', id }];
    const bodies = async () => (await scene.consume().drain()).map(({ id, body }) => [id, body]);

    it('wait, and are replaced and put off by later pushes of their key', async () => {
      expect(await push(job('a'))).toBeUndefined();
      await scene.advance(8);
      expect(await push(job('b'))).toEqual(replaced('a'));
      await scene.advance(8);
      expect(await bodies()).toEqual([]);
      expect(await push(job('c', 5))).toEqual(replaced('a'));
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, delayed: 1 });
      await scene.advance(5.5);
      expect(await bodies()).toEqual([['a', 'body of c']]);
      expect(await push(job('d'))).toBeUndefined();
    });

    it('count anew from their last push', async () => {
      await push(job('a'));
      await scene.advance(5);
      await push(job('b'));
      await scene.advance(10.5);
      const { pushedAt, waitsSince } = await scene.consume().claimOne();
      await push(job('z', 0.001));
      await scene.advance(1);
      const later = (await scene.consume().claimOne()).pushedAt - pushedAt;
      expect(later).toBeGreaterThanOrEqual(10_500);
      expect(later).toBeLessThan(11_500);
      expect(waitsSince).toBeUndefined();
    });

    it('are not put off beyond their longest time from the first push on', async () => {
      const most = { maxWait: 15 };
      await push(job('a', 10, most));
      await scene.advance(8);
      await push(job('b', 10, most));
      await scene.advance(6);
      expect(await push(job('c', 10, most))).toEqual(replaced('a'));
      await scene.advance(1.5);
      const claimed = await scene.consume().claimOne();
      expect(claimed).toMatchObject({ id: 'a', body: 'body of c' });
      expect(claimed.waitsSince! - claimed.pushedAt).toBeLessThanOrEqual(1_000);
      expect(await push(job('d', 10, { maxWait: 2 }))).toBeUndefined();
      await scene.advance(2.5);
      expect(idsOf(await scene.consume().claim())).toEqual(['d']);
    });

    it('are replaced in their place when their longest time is over, and nobody has begun them', async () => {
      const most = { maxWait: 3 };
      await push(job('a', 2, most), { ...job('other', 0), traits: {} });
      await scene.advance(5);
      await scene.consume().poll();
      expect(await push(job('b', 2, most))).toEqual(replaced('a'));
      expect(await bodies()).toEqual(
        expect.arrayContaining([
          ['other', 'body of other'],
          ['a', 'body of b'],
        ]),
      );
    });

    it('go to the end of their new priority, if they are ready and their longest time is over', async () => {
      const most = { maxWait: 3 };
      const withPriority = (value: number) => (value === 0 ? {} : { priority: value });
      await push(job('a', 2, most, withPriority(5)));
      await scene.advance(5);
      const consumer = scene.consume();
      await consumer.poll();
      await scene.driver.push(
        QUEUE,
        [
          { ...job('high', 0), traits: { priority: 7 } },
          { ...job('plain', 0), traits: {} },
        ],
        true,
      );
      for (const value of [7, 0, -3]) {
        expect(await push(job('b', 2, most, withPriority(value)))).toEqual(replaced('a'));
      }
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 3, delayed: 0 });
      expect(await consumer.drainInTurn(9)).toEqual(['high', 'plain', 'a']);
    });

    it.each([[undefined], [5]])(
      'are put off also when they are due, and nobody has begun them (priority %p)',
      async (priority) => {
        const traits = priority === undefined ? {} : { priority };
        const consumer = scene.consume();
        await push(job('a', 1, {}, traits));
        await scene.advance(2);
        await consumer.poll();
        expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 1, delayed: 0 });
        expect(await push(job('b', 10, {}, traits))).toEqual(replaced('a'));
        expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, delayed: 1 });
        expect(idsOf(await consumer.claim())).toEqual([]);
        await scene.advance(10.5);
        expect((await consumer.drain()).map(({ body }) => body)).toEqual(['body of b']);
        expect(idsOf(await consumer.claim())).toEqual([]);
      },
    );

    it('get the traits of the last push', async () => {
      await push(job('a', 5), job('x', 5, { key: 'Index\tx' }));
      await push(job('b', 5, {}, { priority: 5 }));
      await push(job('y', 5, { key: 'Index\tx' }, { priority: -5 }));
      await scene.driver.push(QUEUE, [{ id: 'plain', body: '', delay: 0 }], false);
      await scene.advance(6);
      const consumer = scene.consume();
      await consumer.poll();
      for (const id of ['a', 'plain', 'x']) expect(idsOf(await consumer.claim(1))).toEqual([id]);
    });

    it('are replaced within one push, too', async () => {
      await push(job('z', 5, { key: 'Index\tz' }));
      const jobs = [
        job('a', 5),
        job('b', 5),
        job('y', 5, { key: 'Index\tz' }),
        job('c', 5),
        { ...job('p', 0), traits: {} },
      ];
      expect(await push(...jobs)).toEqual([
        { index: 1, outcome: 'replaced', id: 'a' },
        { index: 2, outcome: 'replaced', id: 'z' },
        { index: 3, outcome: 'replaced', id: 'a' },
      ]);
      await scene.advance(6);
      expect(new Map((await bodies()) as [string, string][])).toEqual(
        new Map([
          ['p', 'body of p'],
          ['z', 'body of y'],
          ['a', 'body of c'],
        ]),
      );
    });

    it('have a new job beside them once they have started: it runs, is retried, or was released', async () => {
      const consumer = scene.consume();
      await push(job('a', 1));
      await scene.advance(1.5);
      const first = await consumer.claimOne();
      expect(await push(job('b', 1))).toBeUndefined();
      await consumer.settle(retry(first, { delay: 60 }));
      expect(await push(job('c', 1))).toEqual(replaced('b'));
      await scene.advance(1.5);
      await consumer.settle(release(await consumer.claimOne(), { delay: 60 }));
      expect(await push(job('d', 1))).toBeUndefined();
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ delayed: 3 });
    });

    it.each<[string, () => Promise<unknown>]>([
      ['cancelled', () => scene.driver.cancellations.cancelSome(QUEUE, ['a'], Infinity)],
      ['cleared', () => scene.driver.clear(QUEUE)],
      ['removed', () => scene.driver.mending.remove(QUEUE, ['a'])],
      ['removed with their queue', () => scene.driver.mending.obliterate(QUEUE)],
    ])('are no more there when they were %s', async (_how, end) => {
      await push(job('a'));
      await end();
      expect(await scene.driver.readDebounced(QUEUE, KEY)).toBeNull();
      expect(await push(job('b'))).toBeUndefined();
      expect(await push(job('c'))).toEqual(replaced('b'));
    });

    it('wait for their new time although an operator has promoted them or put them off', async () => {
      await push(job('a', 5));
      await scene.driver.mending.reschedule(QUEUE, 'a', 60);
      await push(job('b', 5));
      await scene.driver.mending.promote(QUEUE, 'a');
      expect(await push(job('c', 5))).toEqual(replaced('a'));
      await scene.advance(5.5);
      const claimed = await scene.consume().claimOne();
      expect(claimed).toMatchObject({ id: 'a', body: 'body of c' });
      expect(claimed.waitsSince).toBeUndefined();
    });

    it('are replaced only over the record that the push expects', async () => {
      const changed = [{ index: 0, outcome: 'changed', id: '' }];
      expect(await push(job('a', 5, { over: 'body of a' }))).toEqual(changed);
      expect(await push(job('a', 5, { over: null }))).toBeUndefined();
      expect(await scene.driver.readDebounced(QUEUE, KEY)).toBe('body of a');
      expect(await push(job('b', 5, { over: null }))).toEqual(changed);
      expect(await push(job('b', 5, { over: 'body of ä' }))).toEqual(changed);
      expect(await push(job('ä', 5, { over: 'body of a' }), job('c', 5, { over: 'body of ä' }))).toEqual([
        { index: 0, outcome: 'replaced', id: 'a' },
        { index: 1, outcome: 'replaced', id: 'a' },
      ]);
      expect(await push(job('d', 5, { over: 'body of a' }))).toEqual(changed);
      await scene.driver.mending.replace(QUEUE, 'a', 'body of c', 'x');
      await scene.advance(5.5);
      expect(await bodies()).toEqual([['a', 'body of c']]);
    });
  });
}

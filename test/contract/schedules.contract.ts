import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  MAX_TAKEN,
  TAKEN_FOR,
  type NewScheduleState,
  type ScheduleChange,
  type ScheduledJob,
  type ScheduleStore,
} from '../../lib/drivers/queue-schedules.interface.js';
import { eventually } from '../support/eventually.js';
import type { DriverHarness } from './driver-harness.js';
import { numbered, QUEUE, Scene, STATUS_TTL, type TestConsumer } from './scene.js';

/** Milliseconds. */
const KEEP = 30_000;

export function describeSchedules(harness: DriverHarness): void {
  describe.each([
    ['kept', STATUS_TTL],
    ['not kept', 0],
  ])('schedules, while ended jobs are %s', (_, statusTtl) => {
    const scene = new Scene(harness, statusTtl);
    let store: ScheduleStore;
    let consumer: TestConsumer;
    let start: number;

    beforeEach(async () => {
      store = scene.driver.schedules;
      consumer = scene.consume();
      start = (await store.read([])).now;
    });

    /** @param next seconds after the start of the test */
    const to = (state: string, next?: number, wish: Partial<NewScheduleState> = {}): NewScheduleState => ({
      state,
      text: `text of ${state}`,
      ...(next !== undefined && { next: start + next * 1000 }),
      ...wish,
    });
    const set = (name: string, state: string, next?: number, wish: Partial<NewScheduleState> = {}): Promise<boolean> =>
      store.change({ name, expected: null, to: to(state, next, wish) });
    const change = (name: string, expected: string, wish: Partial<ScheduleChange>): Promise<boolean> =>
      store.change({ name, expected, to: null, ...wish });
    const job = (id: string, wish: Partial<ScheduledJob> = {}): ScheduledJob => {
      return { id, queue: QUEUE, body: `body of ${id}`, delay: 0, ...wish };
    };
    const names = async (): Promise<string[]> => (await store.readAll()).map(({ name }) => name).toSorted();
    const take = async (limit = MAX_TAKEN): Promise<string[]> => (await store.take(limit)).due.map(({ name }) => name);
    const claimed = async (): Promise<string[]> => (await consumer.claim()).map(({ id }) => id).toSorted();

    it('are read by their names, and all together', async () => {
      expect(await store.readAll()).toEqual([]);
      await set('a', 'a1', 60);
      await set('ä 😀/b', 'b1');
      const { now, schedules } = await store.read(['ä 😀/b', 'none', 'a']);
      expect(now).toBeGreaterThanOrEqual(start);
      expect(schedules).toEqual([
        { name: 'ä 😀/b', state: 'b1', text: 'text of b1' },
        { name: 'a', state: 'a1', text: 'text of a1' },
      ]);
      expect(await names()).toEqual(['a', 'ä 😀/b']);
    });

    it('are many', async () => {
      const many = numbered(450);
      for (const name of many) await set(name, name, 60);
      expect(await names()).toEqual(many);
      expect((await store.read(many)).schedules).toHaveLength(450);
    });

    it('change only from the expected state; a change that is made already is no failure', async () => {
      expect(await change('a', 'a0', { to: to('a1') })).toBe(false);
      expect(await set('a', 'a1', 10)).toBe(true);
      expect(await set('a', 'other', 20)).toBe(false);
      expect(await set('a', 'a1', 10)).toBe(true);
      expect(await change('a', 'a0', { to: to('a2') })).toBe(false);
      expect(await change('a', 'a1', { to: { state: 'a2', next: start + 20_000 } })).toBe(true);
      expect((await store.read(['a'])).schedules).toEqual([{ name: 'a', state: 'a2', text: 'text of a1' }]);
      expect(await change('a', 'a1', {})).toBe(false);
      expect(await change('a', 'a2', {})).toBe(true);
      expect(await change('a', 'a2', {})).toBe(true);
      expect(await names()).toEqual([]);
      await scene.advance(30);
      expect(await take()).toEqual([]);
    });

    it('are due at their time, the earliest ones first', async () => {
      await set('b', 'b1', 20);
      await set('a', 'a1', 10);
      await set('never', 'n1');
      expect(await store.take(10)).toMatchObject({ due: [], next: start + 10_000, hasMore: false });
      await scene.advance(9.999);
      expect(await take()).toEqual([]);
      await scene.advance(10.001);
      const { due, next, now } = await store.take(10);
      expect(due).toEqual([
        { name: 'a', state: 'a1', text: 'text of a1' },
        { name: 'b', state: 'b1', text: 'text of b1' },
      ]);
      expect(next).toBe(now + TAKEN_FOR);
    });

    it('are taken by one at a time, until that one has had its time', async () => {
      for (const name of ['a', 'b', 'c']) await set(name, '1', 1);
      await scene.advance(1);
      expect(await store.take(2)).toMatchObject({ hasMore: true });
      expect(await take()).toEqual(['c']);
      expect(await take()).toEqual([]);
      await scene.advance(TAKEN_FOR / 1000);
      expect((await take()).toSorted()).toEqual(['a', 'b', 'c']);
      expect(await change('b', '1', { to: to('2', 100) })).toBe(true);
      await scene.advance(TAKEN_FOR / 1000);
      expect((await take()).toSorted()).toEqual(['a', 'c']);
    });

    it('tell when to look again', async () => {
      expect((await store.take(10)).next).toBeUndefined();
      await set('a', 'a1', 10);
      await set('b', 'b1', 5);
      expect((await store.take(10)).next).toBe(start + 5_000);
      await change('b', 'b1', { to: to('b2') });
      expect((await store.take(10)).next).toBe(start + 10_000);
      await change('a', 'a1', {});
      expect((await store.take(10)).next).toBeUndefined();
    });

    it('push their jobs into their queues, with delays and traits', async () => {
      await set('a', 'a1', 1);
      const jobs = [
        job('one'),
        job('low', { traits: { priority: -1 } }),
        job('high', { traits: { priority: 9 } }),
        job('group', { traits: { group: 'g' } }),
        job('later', { delay: 30 }),
        job('elsewhere', { queue: 'other' }),
      ];
      expect(await change('a', 'a1', { to: to('a2', 100), jobs })).toBe(true);
      expect(await scene.driver.queues()).toEqual([QUEUE, 'other'].toSorted());
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 4, delayed: 1 });
      const first = await consumer.claim(2);
      expect(first.map(({ id }) => id).toSorted()).toEqual(['group', 'high']);
      expect((await consumer.claim(2)).map(({ id }) => id)).toEqual(['one', 'low']);
      const [other] = await scene.consume({ queue: 'other' }).claim();
      expect(other).toMatchObject({ id: 'elsewhere', body: 'body of elsewhere' });
      await scene.advance(30);
      expect(await claimed()).toEqual(['later']);
      await scene.advance(TAKEN_FOR / 1000);
      expect((await store.take(10)).next).toBe(start + 100_000);
    });

    it('push nothing with a change that is refused', async () => {
      await set('a', 'a1', 1);
      expect(await change('a', 'a0', { to: to('a2'), jobs: [job('one')] })).toBe(false);
      expect(await claimed()).toEqual([]);
      expect(await store.lives('one')).toBe(false);
    });

    it('push a job once, also when it has ended', async () => {
      await set('a', 'a1', 1);
      await change('a', 'a1', { to: to('a2'), jobs: [job('one')] });
      await change('a', 'a1', { to: to('a2'), jobs: [job('one')] });
      await change('a', 'a2', { to: to('a3'), jobs: [job('one')] });
      await consumer.complete(await consumer.claimOne());
      await scene.advance(200);
      await change('a', 'a3', { to: to('a4'), jobs: [job('one')] });
      expect(await claimed()).toEqual([]);
    });

    it('push no unique job while another one has its key', async () => {
      const unique = { key: 'Job\tk', until: 'end' } as const;
      await set('a', 'a1', 1);
      await change('a', 'a1', { to: to('a2'), jobs: [job('one', { traits: { unique } })] });
      await change('a', 'a2', { to: to('a3'), jobs: [job('two', { traits: { unique } })] });
      const one = await consumer.claimOne();
      expect(await claimed()).toEqual([]);
      await consumer.complete(one);
      await change('a', 'a3', { to: to('a4'), jobs: [job('three', { traits: { unique } })] });
      expect(await claimed()).toEqual(['three']);
    });

    it('tell whether a job lives', async () => {
      await set('a', 'a1', 1);
      expect(await store.lives('one')).toBe(false);
      await change('a', 'a1', { to: to('a2'), jobs: [job('one'), job('later', { delay: 60 })] });
      expect([await store.lives('one'), await store.lives('later')]).toEqual([true, true]);
      const one = await consumer.claimOne();
      expect(await store.lives('one')).toBe(true);
      await consumer.retry(one, { delay: 60 });
      expect(await store.lives('one')).toBe(true);
      await scene.advance(60);
      for (const each of await consumer.claim()) await consumer.complete(each);
      expect([await store.lives('one'), await store.lives('later')]).toEqual([false, false]);
    });

    it('call those who watch when something is due earlier', async () => {
      let calls = 0;
      const watch = store.watch(() => calls++);
      // The first call may say that the watch has begun.
      await set('a', 'a1', 60);
      await eventually(() => expect(calls).toBeGreaterThan(0));
      const begun = calls;
      await set('b', 'b1', 30);
      await eventually(() => expect(calls).toBeGreaterThan(begun));
      const before = calls;
      await set('c', 'c1', 90);
      await set('d', 'd1');
      await change('b', 'b1', { to: to('b2', 50) });
      await scene.driver.ping();
      expect(calls).toBe(before);
      watch.close();
      await set('e', 'e1', 1);
      await scene.driver.ping();
      expect(calls).toBe(before);
    });

    describe('that applications declare', () => {
      const join = (application: string, process: string, ...declared: string[]) =>
        store.join({ application, process, names: declared }, KEEP);
      const declare = async (application: string, ...declared: string[]): Promise<void> => {
        for (const name of declared) await set(name, `${name}1`, 60, { application });
      };
      const known = { isKnown: true, conflicts: [] };

      it('are removed when another start does not declare them', async () => {
        expect(await join('shop', 'p1', 'a', 'b')).toEqual(known);
        await declare('shop', 'a', 'b');
        await set('own', 'o1', 60);
        await store.leave('shop', 'p1');
        expect(await names()).toEqual(['a', 'b', 'own']);
        expect(await join('shop', 'p2', 'b', 'c')).toEqual(known);
        expect(await names()).toEqual(['b', 'own']);
      });

      it('stay while one process declares them, and go when it leaves', async () => {
        await join('shop', 'old', 'a', 'b');
        await declare('shop', 'a', 'b');
        await join('shop', 'new', 'b');
        expect(await names()).toEqual(['a', 'b']);
        await store.leave('shop', 'old');
        expect(await names()).toEqual(['b']);
        await scene.advance(61);
        expect(await take()).toEqual(['b']);
      });

      it('go when that process has died', async () => {
        await join('shop', 'old', 'a');
        await declare('shop', 'a');
        await join('shop', 'new');
        for (let i = 0; i < 3; i++) {
          expect(await names()).toEqual(['a']);
          await scene.advance(KEEP / 3000);
          expect(await store.sign('shop', 'new', KEEP)).toBe(true);
        }
        expect(await names()).toEqual([]);
        expect(await store.sign('shop', 'old', KEEP)).toBe(false);
      });

      it('go also if a process of another application has seen that', async () => {
        await join('shop', 'old', 'a');
        await declare('shop', 'a');
        await scene.advance(KEEP / 2000);
        await join('shop', 'new');
        await join('blog', 'one', 'b');
        await scene.advance(KEEP / 2000);
        await store.sign('blog', 'one', KEEP);
        expect(await names()).toEqual([]);
      });

      it('stay when all processes stop', async () => {
        await join('shop', 'p1', 'a');
        await join('shop', 'p2', 'a');
        await declare('shop', 'a');
        await store.leave('shop', 'p1');
        await store.leave('shop', 'p2');
        expect(await names()).toEqual(['a']);
        await scene.advance(3600);
        await join('blog', 'one', 'x');
        expect(await names()).toEqual(['a']);
      });

      it('belong to one application while it runs', async () => {
        await join('shop', 'p1', 'a');
        await declare('shop', 'a');
        const conflicts = [{ name: 'a', application: 'shop' }];
        expect(await join('blog', 'one', 'b', 'a')).toEqual({ isKnown: false, conflicts });
        expect(await store.sign('blog', 'one', KEEP)).toBe(false);
        await scene.advance(KEEP / 1000);
        expect(await join('blog', 'one', 'b', 'a')).toEqual(known);
        await change('a', 'a1', { to: to('a2', 60, { application: 'blog' }) });
        await join('shop', 'p2');
        expect(await names()).toEqual(['a']);
      });

      it('are no business of an application without any', async () => {
        expect(await join('shop', 'p1')).toEqual({ isKnown: false, conflicts: [] });
        await join('shop', 'p2', 'a');
        expect(await join('shop', 'p1')).toEqual(known);
        expect(await join('blog', 'p1')).toEqual({ isKnown: false, conflicts: [] });
      });

      it('belong to no application once they are set otherwise', async () => {
        await join('shop', 'p1', 'a');
        await declare('shop', 'a');
        await change('a', 'a1', { to: to('a2', 60) });
        await join('shop', 'p2');
        await store.leave('shop', 'p1');
        expect(await names()).toEqual(['a']);
      });
    });
  });
}

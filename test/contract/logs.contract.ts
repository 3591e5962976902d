import { describe, expect, it } from '@jest/globals';
import type { LoggedLines } from '../../lib/job/attempt-desk.interface.js';
import type { DriverHarness } from './driver-harness.js';
import { complete, fail, QUEUE, release, retry, Scene, STATUS_TTL } from './scene.js';

export function describeLogs(harness: DriverHarness): void {
  describe('the log of a job', () => {
    const scene = new Scene(harness);
    const logged = async (id = 'a') => (await scene.driver.lists.find(id, [QUEUE]))?.logs;

    it('has the lines in their order, whatever is in them', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      const [a] = await consumer.claim();
      expect(await logged()).toBeUndefined();
      expect(await consumer.note(a!, 1, { log: lines(0, 'one', '') })).toBe(true);
      expect(await consumer.note(a!, 2, { log: lines(2, 'é "two"\nthree\\n', '\u0000'), progress: '5' })).toBe(true);
      expect(await logged()).toEqual(['one', '', 'é "two"\nthree\\n', '\u0000']);
      expect(await logged('b')).toBeUndefined();
    });

    it('takes each line once, in whatever notes and settlements it comes', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const a = await consumer.claimOne();
      await consumer.note(a, 2, { log: lines(0, '1', '2') });
      await consumer.note(a, 1, { log: lines(0, '1') });
      await consumer.note(a, 2, { log: lines(0, '1', '2') });
      await consumer.note(a, 3, { log: lines(1, '2', '3') });
      await consumer.note(a, 4, { log: lines(0, '1', '2', '3') });
      expect(await logged()).toEqual(['1', '2', '3']);
      await consumer.settle({ ...retry(a), note: { log: lines(2, '3', '4') } });
      expect(await logged()).toEqual(['1', '2', '3', '4']);
    });

    it('has the last 100 lines, of all attempts', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const first = await consumer.claimOne();
      await consumer.note(first, 1, { log: numbered(0, 70) });
      await consumer.settle({ ...release(first), note: { log: numbered(70, 20) } });
      const second = await consumer.claimOne();
      await consumer.note(second, 1, { log: numbered(0, 15) });
      expect(await logged()).toEqual([...numbered(5, 85).lines, ...numbered(0, 15).lines]);
      await consumer.note(second, 2, { log: numbered(14, 100) });
      expect(await logged()).toEqual(numbered(14, 100).lines);
      await consumer.note(second, 3, { log: numbered(200, 1) });
      expect(await logged()).toEqual([...numbered(15, 99).lines, 'line 200']);
    });

    it('is written by nobody but the consumer that holds the job', async () => {
      await scene.push(['a', 'b']);
      const lost = scene.consume();
      const alive = scene.consume();
      const [a, b] = await lost.claim();
      await lost.note(a!, 1, { log: lines(0, 'in time') });
      expect(await alive.note(a!, 1, { log: lines(0, 'not mine') })).toBe(false);
      expect(await lost.note({ ...a!, fence: b!.fence }, 1, { log: lines(0, 'not this time') })).toBe(false);
      await scene.outlive(lost, alive);
      const [again] = await alive.claimRecovered();
      expect(await lost.note(a!, 2, { log: lines(1, 'late') })).toBe(false);
      await lost.settle({ ...complete(a!), note: { log: lines(1, 'late') } });
      expect(await logged()).toEqual(['in time']);
      expect(await alive.note(again!, 1, { log: lines(0, 'the next one') })).toBe(true);
      expect(await logged()).toEqual(['in time', 'the next one']);
    });

    it.each([
      ['complete', complete],
      ['fail', fail],
      ['retry', retry],
      ['release', release],
    ] as const)('comes with the settlement %s, too, and only if that is accepted', async (_, settle) => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const a = await consumer.claimOne();
      await consumer.settle({ ...settle(a), fence: a.fence - 1, note: { log: lines(0, 'wrong') } });
      expect(await logged()).toBeUndefined();
      await consumer.settle({ ...settle(a), note: { log: lines(0, 'right') } });
      expect(await logged()).toEqual(['right']);
    });

    it('stays when a failed job is put back, and goes on', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.settle({ ...fail(await consumer.claimOne()), note: { log: lines(0, 'first') } });
      await scene.driver.mending.retry(QUEUE, ['a']);
      expect(await logged()).toEqual(['first']);
      await consumer.settle({ ...complete(await consumer.claimOne()), note: { log: lines(0, 'second') } });
      expect(await logged()).toEqual(['first', 'second']);
    });

    it('is not part of a list', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.settle({ ...fail(await consumer.claimOne()), note: { log: lines(0, 'first') } });
      const { jobs } = await scene.driver.lists.page(QUEUE, {
        place: 'failed',
        states: ['failed'],
        order: 'oldest',
        limit: 1,
        skip: 0,
        filter: {},
      });
      expect(jobs).toMatchObject([{ id: 'a', state: 'failed' }]);
      expect(jobs[0]).not.toHaveProperty('logs');
    });

    describe('goes with the record', () => {
      /** The next job of that id has no line of the last one. */
      const expectGone = async (): Promise<void> => {
        await pushByName();
        expect(await scene.driver.lists.find('a', [QUEUE])).toMatchObject({ state: 'queued' });
        expect(await logged()).toBeUndefined();
        const consumer = scene.consume();
        await consumer.note(await consumer.claimOne(), 1, { log: lines(0, 'new') });
        expect(await logged()).toEqual(['new']);
      };
      const pushByName = () =>
        scene.driver.push(QUEUE, [{ id: 'a', body: '', delay: 0, name: 'one', replacesEnded: true }], true);
      const begin = async () => {
        await pushByName();
        const consumer = scene.consume();
        const a = await consumer.claimOne();
        await consumer.note(a, 1, { log: lines(0, 'old') });
        return { consumer, a };
      };

      it.each([
        ['completed', complete],
        ['failed', fail],
      ] as const)('of a %s job whose id is taken', async (_, settle) => {
        const { consumer, a } = await begin();
        await consumer.settle(settle(a));
        expect(await logged()).toEqual(['old']);
        await expectGone();
      });

      it.each([
        ['completed', complete],
        ['failed', fail],
        ['waiting', release],
      ] as const)('of a %s job that is removed', async (_, settle) => {
        const { consumer, a } = await begin();
        await consumer.settle(settle(a));
        expect(await scene.driver.mending.remove(QUEUE, ['a'])).toBe(1);
        await expectGone();
      });

      it.each([
        ['completed', 'complete'],
        ['failed', 'fail'],
      ] as const)('of a %s job that is not kept', async (_, kind) => {
        const { consumer, a } = await begin();
        await consumer.settle({ kind, id: a.id, fence: a.fence, error: 'no luck', keep: 0 });
        await expectGone();
      });

      it('of a job whose time is over', async () => {
        const { consumer, a } = await begin();
        await consumer.settle(fail(a));
        await scene.advance(STATUS_TTL + 1);
        await scene.push(['b']);
        await consumer.fail(await consumer.claimOne());
        await expectGone();
      });

      it('of a job that is cleared', async () => {
        const first = await begin();
        await first.consumer.settle(release(first.a));
        await scene.driver.clear(QUEUE);
        await expectGone();
      });

      it('of a cancelled job whose id is taken, and not before', async () => {
        const { consumer, a } = await begin();
        await consumer.settle(release(a));
        expect(await scene.driver.cancellations.cancel('a')).toBe('cancelled');
        expect(await logged()).toEqual(['old']);
        await expectGone();
      });

      it('of a queue that is obliterated', async () => {
        const { consumer, a } = await begin();
        await consumer.settle(release(a));
        await consumer.close();
        expect(await scene.driver.mending.obliterate(QUEUE)).toBe(0);
        await expectGone();
      });
    });
  });
}

function lines(before: number, ...texts: string[]): LoggedLines {
  return { before, lines: texts };
}

function numbered(before: number, count: number): LoggedLines {
  return lines(before, ...Array.from({ length: count }, (_, i) => `line ${before + i}`));
}

import { describe, expect, it } from '@jest/globals';
import type { ClaimedJob, NewJob, PushException } from '../../lib/drivers/queue-driver.interface.js';
import { JOB_STATES, type JobState } from '../../lib/job/job-status.js';
import type { DriverHarness } from './driver-harness.js';
import { claim, complete, fail, idsOf, numbered, QUEUE, release, retry, Scene } from './scene.js';

type Prioritized = readonly [id: string, priority: number, delay?: number];

export function describePriority(harness: DriverHarness): void {
  describe('priority', () => {
    const scene = new Scene(harness);

    const jobsOf = (jobs: readonly Prioritized[]): NewJob[] =>
      jobs.map(([id, priority, delay = 0]) => ({
        id,
        body: `h${id}${priority === 0 ? '' : `\t{"p":${priority}}`}\n`,
        delay,
        isGenerated: true as const,
        ...(priority !== 0 && { traits: { priority } }),
      }));
    const push = (jobs: readonly Prioritized[], queue = QUEUE): Promise<readonly PushException[] | undefined> =>
      scene.driver.push(queue, jobsOf(jobs), true);
    const page = (states: readonly JobState[] = JOB_STATES, order: 'oldest' | 'newest' = 'oldest') =>
      scene.driver.lists.page(QUEUE, { place: 'prioritized', states, order, limit: 100, skip: 0, filter: {} });
    const expectNothing = async (): Promise<void> => {
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, delayed: 0, reserved: 0 });
      expect((await page()).jobs).toEqual([]);
      expect(await scene.consume().claim(10)).toEqual([]);
    };

    it('decides the order: higher first, first in first out within one', async () => {
      await push([
        ['zero-1', 0],
        ['low', -1_000],
        ['high-1', 5],
        ['lower', -2],
        ['top', 1_000],
        ['high-2', 5],
        ['zero-2', 0],
        ['six', 6],
      ]);
      await push([
        ['high-3', 5],
        ['zero-3', 0],
      ]);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 10 });
      const order = 'top six high-1 high-2 high-3 zero-1 zero-2 zero-3 lower low'.split(' ');
      const consumer = scene.consume();
      const first = await consumer.claim(4);
      expect(idsOf(first)).toEqual(order.slice(0, 4));
      expect(await consumer.drainInTurn(10)).toEqual(order.slice(4));
    });

    it('asks for another poll as long as jobs are left, whatever their priority', async () => {
      await push([
        ['a', 3],
        ['b', -3],
        ['c', 0],
      ]);
      const consumer = scene.consume();
      expect(await consumer.poll({ limit: 1 })).toMatchObject({ jobs: [{ id: 'a' }], more: true, nextDue: null });
      expect(await consumer.poll({ limit: 1 })).toMatchObject({ jobs: [{ id: 'c' }], more: true });
      expect(await consumer.poll({ limit: 1 })).toMatchObject({ jobs: [{ id: 'b' }], more: false });
    });

    it('lets no consumer claim ahead while such jobs wait: a later one may come before them', async () => {
      const consumer = scene.consume();
      await push([['plain', 0]]);
      expect(await consumer.poll({ limit: 1 })).toMatchObject({ jobs: [{ id: 'plain' }], limited: false });
      await push([
        ['a', 3],
        ['b', 3],
      ]);
      expect(await consumer.poll({ limit: 1 })).toMatchObject({ jobs: [{ id: 'a' }], limited: true });
      expect(await consumer.poll({ limit: 1 })).toMatchObject({ jobs: [{ id: 'b' }], limited: false });
    });

    it('wakes a listener for each job', async () => {
      await push([['a', 3]]);
      expect(await scene.listen().wait(0)).toBe(QUEUE);
    });

    it.each([
      ['a retry', (job: ClaimedJob) => retry(job)],
      ['a release', (job: ClaimedJob) => release(job)],
    ])('is kept by %s, which puts the job behind the others of its priority', async (_, settle) => {
      await push([
        ['a', 5],
        ['b', 5],
        ['c', 0],
        ['d', -5],
      ]);
      const consumer = scene.consume();
      await consumer.settle(settle(await consumer.claimOne()));
      expect(await consumer.drainInTurn(9)).toEqual(['b', 'a', 'c', 'd']);
    });

    it('is kept over a delay: at the push, before a retry, and when an operator changes it', async () => {
      await push([
        ['a', 5, 10],
        ['b', 5],
        ['c', 6],
        ['d', -1, 10],
        ['e', 0, 10],
      ]);
      const consumer = scene.consume();
      const [c, b] = await consumer.claim(2);
      await consumer.settle(retry(c!, { delay: 10 }), release(b!, { delay: 10 }));
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, delayed: 5 });
      expect(await scene.driver.mending.promote(QUEUE, 'd')).toBe(true);
      expect(await scene.driver.mending.reschedule(QUEUE, 'd', 5)).toBe(true);
      expect(await scene.driver.mending.promote(QUEUE, 'd')).toBe(true);
      expect((await page()).jobs.map(({ id }) => id)).toEqual(['d']);
      await scene.advance(11);
      const order = await consumer.drainInTurn(9);
      expect([order[0], order.slice(1, 3).toSorted(), order.slice(3)]).toEqual(['c', ['a', 'b'], ['e', 'd']]);
      await expectNothing();
    });

    it('keeps the turns of requeued jobs, in each priority', async () => {
      await push([
        ['a', 5],
        ['b', 5],
        ['c', 5],
        ['d', 0],
        ['e', 0],
        ['f', -5],
      ]);
      const consumer = scene.consume();
      const jobs = await consumer.claim(5);
      await consumer.settle(...jobs.filter(({ id }) => id !== 'a').map((job) => release(job, { position: 'front' })));
      await push([
        ['g', 5],
        ['h', 0],
      ]);
      expect(await consumer.drainInTurn(9)).toEqual(['b', 'c', 'g', 'd', 'e', 'h', 'f']);
    });

    it('does not count for a job whose worker was lost: it comes first', async () => {
      await push([
        ['a', -5],
        ['b', 5],
      ]);
      const alive = scene.consume();
      await scene.crashWith(2, alive);
      await push([['c', 900]]);
      const first = await alive.claimRecovered(1);
      expect(first).toMatchObject([{ crashes: 1 }]);
      await alive.settle(complete(first[0]!));
      expect(idsOf(await alive.claimRecovered(2))).toHaveLength(2);
    });

    it('lets one of 20 claimed jobs be the oldest one of the lowest priority', async () => {
      await push(numbered(100, 'high').map((id) => [id, 5]));
      await push(numbered(10, 'zero').map((id) => [id, 0]));
      const consumer = scene.consume();
      const order = await consumer.drainInTurn(60);
      expect(order.filter((id) => id.startsWith('zero'))).toEqual(numbered(3, 'zero'));
      for (let at = 0; at + 20 <= 60; at += 20) {
        expect(order.slice(at, at + 20).filter((id) => id.startsWith('zero'))).toHaveLength(1);
      }
      await push(numbered(5, 'low').map((id) => [id, -5]));
      const next = await consumer.drainInTurn(40);
      expect(next.filter((id) => id.startsWith('low'))).toEqual(numbered(2, 'low'));
      expect(next.filter((id) => id.startsWith('zero'))).toEqual([]);
    });

    it('gives the lowest priority its share also if many jobs are claimed at once', async () => {
      await push(numbered(200, 'high').map((id) => [id, 5]));
      await push(numbered(20, 'low').map((id) => [id, -5]));
      const consumer = scene.consume();
      let low = 0;
      for (const count of [7, 50, 1, 2, 40]) {
        low += (await consumer.claim(count)).filter(({ id }) => id.startsWith('low')).length;
      }
      expect(low).toBe(5);
    });

    it('is known to lists, totals, and lookups', async () => {
      await push([
        ['a', 5],
        ['b', -5],
        ['c', 0],
        ['d', 7],
      ]);
      const consumer = scene.consume();
      await consumer.settle(retry(await consumer.claimOne()));
      expect((await page()).jobs.map(({ id, state }) => [id, state])).toEqual([
        ['d', 'retrying'],
        ['a', 'queued'],
        ['b', 'queued'],
      ]);
      expect((await page(['queued'], 'newest')).jobs.map(({ id }) => id)).toEqual(['b', 'a']);
      expect(await scene.driver.lists.total(QUEUE, ['queued'])).toBe(3);
      expect(await scene.driver.lists.total(QUEUE, ['queued', 'delayed', 'retrying'])).toBe(4);
      expect(await scene.driver.lists.find('b', [QUEUE])).toMatchObject({ state: 'queued', body: 'hb\t{"p":-5}\n' });
      expect(await scene.driver.getStatus('b')).toMatchObject({ state: 'queued' });
      const { ready } = await scene.driver.stats.look(QUEUE);
      expect(new Set(ready.map(({ header }) => header.split('\t')[0]))).toEqual(new Set(['hc', 'hd', 'ha', 'hb']));
    });

    it('is paged by a cursor that survives claims', async () => {
      await push(numbered(30).map((id, at) => [id, at % 2 ? 3 : -3]));
      const request = {
        place: 'prioritized',
        states: JOB_STATES,
        order: 'oldest',
        limit: 10,
        skip: 0,
        filter: {},
      } as const;
      const first = await scene.driver.lists.page(QUEUE, request);
      await scene.consume().claim(4);
      const second = await scene.driver.lists.page(QUEUE, { ...request, cursor: first.cursor! });
      const third = await scene.driver.lists.page(QUEUE, { ...request, cursor: second.cursor! });
      const ids = [first, second, third].flatMap(({ jobs }) => jobs.map(({ id }) => id));
      expect(ids).toEqual([...numbered(30).filter((_, at) => at % 2), ...numbered(30).filter((_, at) => !(at % 2))]);
    });

    it('leaves nothing of a job that is cancelled, removed or cleared', async () => {
      const jobs: Prioritized[] = [
        ['a', 5],
        ['b', -5],
        ['c', 5, 60],
      ];
      await push(jobs);
      for (const [id] of jobs) expect(await scene.driver.cancellations.cancel(id)).toBe('cancelled');
      await expectNothing();
      await push(jobs.map(([id, priority, delay = 0]) => [`${id}2`, priority, delay]));
      expect(await scene.driver.mending.remove(QUEUE, ['a2', 'b2', 'c2'])).toBe(3);
      await expectNothing();
      await push(numbered(250).map((id, at) => [id, at % 3, at % 5 ? 0 : 60]));
      expect(await scene.driver.clear(QUEUE)).toBe(250);
      await expectNothing();
      await push(numbered(150, 'last').map((id, at) => [id, at % 3]));
      expect(await scene.driver.mending.obliterate(QUEUE)).toBe(0);
      await expectNothing();
      await push([['plain', 0]]);
      expect(idsOf(await scene.consume().claim(5))).toEqual(['plain']);
    });

    it('is kept by a failed job that an operator puts back, also into another queue', async () => {
      await push([
        ['a', 5],
        ['b', -5],
        ['c', 5],
      ]);
      const consumer = scene.consume();
      await consumer.settle(...(await consumer.claim(3)).map((job) => fail(job)));
      await push([['zero', 0]]);
      expect(await scene.driver.mending.retry(QUEUE, ['b', 'a'])).toBe(2);
      expect(await consumer.drainInTurn(9)).toEqual(['a', 'zero', 'b']);
      await push([['zero-2', 0]], 'other');
      expect(await scene.driver.mending.move(QUEUE, ['c'], 'other')).toBe(1);
      expect(idsOf(await claim(scene.consume({ queue: 'other' }).inner, 5))).toEqual(['c', 'zero-2']);
    });

    it('holds nothing in a paused queue, and wakes when it goes on', async () => {
      await push([['a', 5]]);
      await scene.driver.pauses.pause(QUEUE, null);
      const consumer = scene.consume();
      expect(await consumer.poll({ limit: 5 })).toMatchObject({ jobs: [], paused: true });
      await scene.driver.pauses.resume(QUEUE);
      expect(await scene.listen().wait(0)).toBe(QUEUE);
      expect(idsOf(await consumer.claim(5))).toEqual(['a']);
    });
  });
}

import { describe, expect, it } from '@jest/globals';
import {
  LIST_PLACES,
  PLACES_OF_STATE,
  type ListCursor,
  type ListPage,
  type ListPlace,
  type ListRequest,
  type StoredJob,
} from '../../lib/drivers/queue-lists.interface.js';
import type { Settlement } from '../../lib/drivers/queue-driver.interface.js';
import { JOB_STATES, type JobState } from '../../lib/job/job-status.js';
import type { DriverHarness } from './driver-harness.js';
import { LEASE, numbered, QUEUE, Scene, settlement } from './scene.js';

const KEPT = 300;
const WAITING = ['queued', 'delayed', 'retrying'] as const;

/** Tests the lists of jobs while jobs move. */
export function describeLists(harness: DriverHarness): void {
  describe('lists', () => {
    const scene = new Scene(harness, 600, { completed: KEPT, failed: KEPT, maxCompleted: 50, maxFailed: 1_000 });

    function page(place: ListPlace, request: Partial<ListRequest> = {}): Promise<ListPage> {
      const all = { place, states: JOB_STATES, order: 'oldest', limit: 50, skip: 0, filter: {} } as const;
      return scene.driver.lists.page(QUEUE, { ...all, ...request });
    }

    /** Walks through a place, and calls `between` after each page. */
    async function walk(
      place: ListPlace,
      request: Partial<ListRequest> = {},
      between: (page: number) => Promise<unknown> = async () => {},
    ): Promise<string[]> {
      const ids: string[] = [];
      let cursor: ListCursor | undefined;
      for (let number = 0; number < 1_000; number++) {
        const { jobs, cursor: next } = await page(place, { ...request, cursor });
        const own = jobs.map(({ id }) => id);
        expect(new Set(own).size).toBe(own.length);
        ids.push(...own);
        if (!next) return ids;
        cursor = next;
        await between(number);
      }
      throw new Error('The walk does not end');
    }

    async function idsIn(state: JobState): Promise<string[]> {
      const lists: string[] = [];
      for (const place of PLACES_OF_STATE[state]) lists.push(...(await walk(place, { states: [state] })));
      return lists;
    }

    /** A job in each state, and several in some. */
    async function fill(): Promise<void> {
      const consumer = scene.consume();
      await scene.push(['lost']);
      await scene.crashWith(1, consumer);
      await consumer.poll();
      await scene.push(['done', 'bad', 'again', 'soon', 'stopped', 'runs']);
      const [done, bad, again, soon, stopped] = await consumer.claim(6);
      await consumer.settle(
        settlement.complete(done!),
        settlement.fail(bad!, 'broken'),
        settlement.retry(again!, { delay: 60, error: 'later' }),
        settlement.retry(soon!, { error: 'soon' }),
      );
      await scene.driver.cancellations.cancel('stopped', 'enough');
      await consumer.settle({ kind: 'cancel', id: stopped!.id, fence: stopped!.fence, hasRun: true, error: 'enough' });
      await scene.push(['first', 'second', 'third']);
      await scene.driver.cancellations.cancel('second', 'no');
      await scene.push(['later', 'late'], { delay: 30 });
    }

    it('has each job in the list of its state, and the totals agree', async () => {
      await fill();
      const expected: Record<JobState, readonly string[]> = {
        queued: ['first', 'third'],
        delayed: ['late', 'later'],
        processing: ['runs'],
        retrying: ['lost', 'soon', 'again'],
        completed: ['done'],
        failed: ['bad'],
        cancelled: ['stopped', 'second'],
      };
      for (const state of JOB_STATES) {
        const sorted = (list: readonly string[]) => (state === 'delayed' ? [...list].sort() : list);
        expect([state, sorted(await idsIn(state))]).toEqual([state, expected[state]]);
        expect([state, await scene.driver.lists.total(QUEUE, [state])]).toEqual([state, expected[state].length]);
      }
      expect(await scene.driver.lists.total(QUEUE, JOB_STATES)).toBe(12);
      const { ready, delayed, reserved, failed } = await scene.driver.counts(QUEUE);
      expect(await scene.driver.lists.total(QUEUE, WAITING)).toBe(ready + delayed);
      expect(await scene.driver.lists.total(QUEUE, ['processing'])).toBe(reserved);
      expect(await scene.driver.lists.total(QUEUE, ['failed'])).toBe(failed);
    });

    it('tells of a job what is stored, in a list and by its id', async () => {
      await fill();
      const listed = new Map<string, StoredJob>();
      for (const place of LIST_PLACES) for (const job of (await page(place)).jobs) listed.set(job.id, job);
      expect(listed.size).toBe(12);
      for (const [id, job] of listed) {
        expect(await scene.driver.lists.find(id, ['other', QUEUE])).toEqual(job);
        expect(job).toMatchObject({ queue: QUEUE, body: `body of ${id}`, pushedAt: expect.any(Number) });
      }
      expect(listed.get('runs')).toMatchObject({
        attempt: 1,
        startedAt: expect.any(Number),
        consumer: expect.any(String),
      });
      expect(listed.get('done')).toMatchObject({
        attempt: 1,
        startedAt: expect.any(Number),
        endedAt: expect.any(Number),
      });
      expect(listed.get('bad')).toMatchObject({
        attempt: 1,
        error: 'broken',
        endedAt: expect.any(Number),
        failures: [{ attempt: 1, error: 'broken' }],
      });
      expect(listed.get('again')).toMatchObject({ attempt: 1, error: 'later' });
      expect(listed.get('again')!.availableAt! - listed.get('again')!.pushedAt).toBeGreaterThan(50_000);
      expect(listed.get('lost')).toMatchObject({ failures: [{ attempt: 1 }] });
      expect(listed.get('second')).toMatchObject({ state: 'cancelled', error: 'no', attempt: 0 });
      expect(await scene.driver.lists.find('nobody', [QUEUE])).toBeNull();
    });

    it('goes through a place in both orders, page by page, and leaves jobs out first', async () => {
      await scene.push(numbered(25));
      const backwards = numbered(25).reverse();
      expect(await walk('ready', { limit: 7 })).toEqual(numbered(25));
      expect(await walk('ready', { limit: 7, order: 'newest' })).toEqual(backwards);
      const { jobs, skipped } = await page('ready', { skip: 20, limit: 3 });
      expect([skipped, ...jobs.map(({ id }) => id)]).toEqual([20, ...numbered(25).slice(20, 23)]);
      expect(await page('ready', { skip: 30 })).toEqual({ jobs: [], skipped: 25 });
      const consumer = scene.consume();
      const claimed = await consumer.claim(25);
      expect(await walk('claimed', { limit: 7 })).toEqual(numbered(25));
      expect(await walk('claimed', { limit: 7, order: 'newest' })).toEqual(backwards);
      await consumer.settle(...claimed.map((job) => settlement.retry(job, { delay: 5 })));
      expect((await walk('delayed', { limit: 7 })).sort()).toEqual(numbered(25));
      expect((await walk('delayed', { limit: 7, order: 'newest' })).sort()).toEqual(numbered(25));
      await scene.advance(6);
      await consumer.poll();
      await consumer.settle(...(await consumer.claim(25)).map((job) => settlement.fail(job)));
      expect((await walk('failed', { limit: 7 })).sort()).toEqual(numbered(25));
      expect((await walk('failed', { limit: 7, order: 'newest' })).sort()).toEqual(numbered(25));
      await scene.push(numbered(25, 'well'));
      await consumer.drain();
      expect(await walk('ended', { limit: 7 })).toEqual(numbered(25, 'well'));
      expect(await walk('ended', { limit: 7, order: 'newest' })).toEqual(numbered(25, 'well').reverse());
    });

    it.each(['oldest', 'newest'] as const)('skips no ready job that stays, %s first', async (order) => {
      await scene.push(numbered(300));
      const consumer = scene.consume();
      let pushed = 0;
      const seen = await walk('ready', { limit: 10, order }, async (number) => {
        if (number > 20) return;
        await consumer.settle(
          ...(await consumer.claim(3)).map((job) => settlement.release(job, { position: 'front' })),
        );
        for (const job of await consumer.claim(4)) await consumer.complete(job);
        await scene.driver.mending.remove(QUEUE, numbered(300).slice(280 - number, 281 - number));
        await scene.push([`new-${pushed++}`]);
      });
      const left = await walk('ready');
      const stayed = left.filter((id) => !id.startsWith('new'));
      expect(stayed.length).toBeGreaterThan(150);
      expect(stayed.filter((id) => !seen.includes(id))).toEqual([]);
    });

    it('goes on at the front if all that was read has been claimed', async () => {
      await scene.push(numbered(40));
      const first = await page('ready', { limit: 10 });
      await scene.consume().claim(15);
      const next = await page('ready', { limit: 5, cursor: first.cursor });
      expect(next.jobs.map(({ id }) => id)).toEqual(numbered(40).slice(15, 20));
    });

    it.each(['oldest', 'newest'] as const)('skips no delayed or failed job that stays, %s first', async (order) => {
      const consumer = scene.consume();
      await scene.push(numbered(60));
      await consumer.settle(...(await consumer.claim(60)).map((job) => settlement.fail(job)));
      await scene.push(numbered(60, 'later'), { delay: 60 });
      for (const place of ['failed', 'delayed'] as const) {
        const before = await walk(place, { order });
        const gone = new Set<string>();
        const seen = await walk(place, { limit: 10, order }, async (number) => {
          const taken = before.filter((_, index) => index % 9 === number || index === number * 10 + 9);
          for (const id of taken) gone.add(id);
          await scene.driver.mending.remove(QUEUE, taken);
        });
        const stayed = before.filter((id) => !gone.has(id));
        expect(seen.filter((id) => !gone.has(id))).toEqual(stayed);
      }
    });

    it('leaves out other names, other tags, and jobs without the text', async () => {
      const job = (id: string, name: string, tags: string, data: string) => ({
        id,
        body: `h${name}\t{"g":${tags}}\n${data}`,
        delay: 0,
      });
      const jobs = [
        job('a', 'Mail', '["vip"]', '"x"'),
        job('b', 'Mail', '["other"]', '"needle"'),
        job('c', 'Mai', '["vip"]', '1'),
      ];
      await scene.driver.push(QUEUE, jobs, false);
      const found = async (filter: ListRequest['filter']) => (await page('ready', { filter })).jobs.map(({ id }) => id);
      expect(await found({ name: 'Mail' })).toEqual(['a', 'b']);
      expect(await found({ tag: 'vip' })).toEqual(['a', 'c']);
      expect(await found({ search: 'needle' })).toEqual(['b']);
      expect(await found({ search: 'c' })).toEqual(['c']);
      expect(await found({ name: 'Mail', tag: 'vip' })).toEqual(['a']);
      expect(await found({ name: 'Other' })).toEqual([]);
    });

    it('counts only jobs that have the tag when it leaves out some, wherever else its text stands', async () => {
      const labels = [
        '{"d":{"x":"vip"}}',
        '{"d":{"vip":"x","g":"vip"},"g":["other"]}',
        '{"d":{"x":"vip"},"g":["a]\\"","vip"]}',
        '{"g":["vip\\"]"]}',
        '{"g":[],"w":5}',
        '{"g":["x","vip","y"],"w":5}',
        '{"g":["VIP","vip"]}',
      ];
      const jobs = labels.map((text, i) => ({ id: `${i}`, body: `h"g":["vip"]\t${text}\n"vip"`, delay: 0 }));
      await scene.driver.push(QUEUE, [...jobs, { id: 'none', body: 'h"g":["vip"]\n1', delay: 0 }], false);
      const filter = { tag: 'vip' };
      const found = async (skip: number) => (await page('ready', { filter, skip })).jobs.map(({ id }) => id);
      expect(await found(0)).toEqual(['2', '5', '6']);
      expect(await found(1)).toEqual(['5', '6']);
      expect((await page('ready', { filter, skip: 2 })).skipped).toBe(2);
      const quoted = await page('ready', { filter: { tag: 'vip"]' } });
      expect(quoted.jobs.map(({ id }) => id)).toEqual(['3']);
    });

    it('looks at a bounded number of jobs, and walks on', async () => {
      await scene.push(numbered(2_500));
      const seen: number[] = [];
      let cursor: ListCursor | undefined;
      do {
        const next = await page('ready', { filter: { search: 'job-002499' }, cursor });
        seen.push(next.jobs.length);
        ({ cursor } = next);
      } while (cursor);
      expect(seen.reduce((sum, count) => sum + count)).toBe(1);
      expect(seen.length).toBeLessThan(10);
    });

    it('leaves out what is over, and is empty for a queue without jobs', async () => {
      const consumer = scene.consume();
      await scene.push(['bad', 'good', 'gone']);
      const [bad, good] = await consumer.claim(2);
      await consumer.settle(settlement.fail(bad!), settlement.complete(good!));
      await scene.driver.cancellations.cancel('gone');
      await scene.advance(KEPT + 1);
      for (const place of LIST_PLACES) {
        expect(await page(place)).toEqual({ jobs: [], skipped: 0 });
        expect(await scene.driver.lists.page('other', { ...NOTHING, place })).toEqual({ jobs: [], skipped: 0 });
      }
      for (const id of ['bad', 'good', 'gone']) expect(await scene.driver.lists.find(id, [QUEUE])).toBeNull();
      expect(await scene.driver.lists.total(QUEUE, JOB_STATES)).toBe(0);
      expect(await scene.driver.lists.total('other', JOB_STATES)).toBe(0);
    });

    it('leaves out a failed job whose own time is over', async () => {
      const consumer = scene.consume();
      await scene.push(['short', 'long', 'other']);
      const [short, long, other] = await consumer.claim(3);
      await consumer.settle(
        { ...settlement.fail(short!), keep: 10 } as Settlement,
        { ...settlement.fail(long!), keep: 2 * KEPT } as Settlement,
        settlement.fail(other!),
      );
      const told = async () => {
        const { failed } = await scene.driver.counts(QUEUE);
        const found: boolean[] = [];
        for (const id of ['short', 'long', 'other']) found.push((await scene.driver.lists.find(id, [QUEUE])) !== null);
        return [
          failed,
          await scene.driver.lists.total(QUEUE, ['failed']),
          (await page('failed')).jobs.length,
          ...found,
        ];
      };
      expect(await told()).toEqual([3, 3, 3, true, true, true]);
      expect((await page('failed', { order: 'newest', skip: 1 })).skipped).toBe(1);
      await scene.advance(11);
      expect(await told()).toEqual([2, 2, 2, false, true, true]);
      expect((await page('failed', { order: 'newest', skip: 3 })).skipped).toBe(2);
      await scene.advance(KEPT);
      expect(await told()).toEqual([1, 1, 1, false, true, false]);
    });

    it('refuses a cursor that it has not given', async () => {
      await scene.push(['a']);
      for (const place of LIST_PLACES) {
        for (const cursor of [['x'], ['', ''], ['x', 'a'], ['NaN', 'a', 'b', 'c', 'd', 'e', 'f'], []]) {
          await expect(page(place, { cursor })).rejects.toMatchObject({
            code: 'ERR_INVALID_OPTION',
            message: expect.stringContaining('"jobs.cursor": expected the cursor of another page of this list'),
          });
        }
      }
    });

    it('counts the consumers that give a sign of life', async () => {
      expect(await scene.driver.lists.consumers(QUEUE)).toBe(0);
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.claimOne();
      expect(await scene.driver.lists.consumers(QUEUE)).toBe(1);
      await scene.advance(LEASE * 2);
      expect(await scene.driver.lists.consumers(QUEUE)).toBe(1);
    });

    it('refuses calls after the driver was closed', async () => {
      const { driver } = scene;
      await driver.close();
      const calls = [
        () => driver.lists.page(QUEUE, { ...NOTHING, place: 'ready' }),
        () => driver.lists.total(QUEUE, JOB_STATES),
        () => driver.lists.find('a', [QUEUE]),
        () => driver.lists.consumers(QUEUE),
        () => driver.lists.overview(QUEUE),
      ];
      for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    });

    it('are beside an overview that tells in one look how a queue is', async () => {
      const nothing = { ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0, ended: 0 };
      const idle = { ...nothing, isPaused: false, heldUntil: null, limits: {}, now: expect.any(Number) };
      const overview = () => scene.driver.lists.overview(QUEUE);
      expect(await overview()).toEqual(idle);
      await fill();
      const { isPaused, heldUntil, limits, ended, now: _now, ...counts } = await overview();
      expect(counts).toEqual(await scene.driver.counts(QUEUE));
      expect({ isPaused, heldUntil, limits }).toEqual({ isPaused: false, heldUntil: null, limits: {} });
      expect(ended).toBe((await idsIn('completed')).length + (await idsIn('cancelled')).length);
      await scene.advance(KEPT + 1);
      expect(await overview()).toMatchObject({ ended: 0, failed: 0 });
    });

    it('are beside an overview that tells pauses and limits', async () => {
      const overview = () => scene.driver.lists.overview(QUEUE);
      const { now } = await overview();
      await scene.driver.pauses.pause(QUEUE, 60_000);
      await scene.driver.limits.set(QUEUE, { concurrency: 9, rateLimit: { max: 6, per: 1.5 } });
      const limited = { isPaused: true, limits: { concurrency: 9, rateLimit: { max: 6, per: 1.5 } } };
      expect(await overview()).toMatchObject(limited);
      await scene.advance(61);
      const later = await overview();
      expect(later).toMatchObject({ isPaused: false, limits: limited.limits });
      expect(later.now - now).toBeGreaterThanOrEqual(61_000);
      await scene.driver.limits.set(QUEUE, null);
      expect(await overview()).toMatchObject({ limits: {} });
    });

    it('are beside an overview that leaves out those ended jobs whose time is over', async () => {
      const consumer = scene.consume();
      for (const [index, count] of [3, 2, 4].entries()) {
        await scene.push(numbered(count).map((id) => `${index}-${id}`));
        await consumer.settle(...(await consumer.claim(count)).map((job) => settlement.complete(job)));
        await scene.advance(90);
      }
      const ended = async (): Promise<number> => (await scene.driver.lists.overview(QUEUE)).ended;
      expect(await ended()).toBe(9);
      await scene.advance(35);
      expect(await ended()).toBe(6);
      await scene.advance(90);
      expect(await ended()).toBe(4);
    });

    it('are beside an overview that tells of a hold, and of jobs that it blocks', async () => {
      const consumer = scene.consume();
      await scene.push(['a', 'b']);
      const held = await consumer.claimOne();
      await consumer.settle(settlement.release(held, { delay: 60, hold: 'queue' }));
      const { now, heldUntil, ...counts } = await scene.driver.lists.overview(QUEUE);
      expect(counts).toMatchObject({ ready: 0, blocked: 1, delayed: 1 });
      expect(Math.abs(heldUntil! - now - 60_000)).toBeLessThan(1_000);
    });
  });
}

const NOTHING = { states: JOB_STATES, order: 'oldest', limit: 50, skip: 0, filter: {} } as const;

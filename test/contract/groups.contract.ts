import { describe, expect, it } from '@jest/globals';
import type { ClaimedJob, NewJob, PushException } from '../../lib/drivers/queue-driver.interface.js';
import { MOST_READY } from '../../lib/drivers/queue-stats.interface.js';
import type { ListRequest } from '../../lib/drivers/queue-lists.interface.js';
import { JOB_STATES } from '../../lib/job/job-status.js';
import type { DriverHarness } from './driver-harness.js';
import { claim, complete, fail, idsOf, numbered, QUEUE, release, retry, Scene, type TestConsumer } from './scene.js';

/** The group of a job is the text before the hyphen of its id: `a-1` is in `a`, `1` is in none. */
function groupOf(id: string): string | undefined {
  return id.includes('-') ? id.slice(0, id.indexOf('-')) : undefined;
}

/** Makes jobs, each in the group of its id. */
export function groupedJobs(ids: readonly string[], delay = 0): NewJob[] {
  return ids.map((id) => {
    const group = groupOf(id);
    const traits = group === undefined ? {} : { traits: { group } };
    return { id, body: `h${id}\n`, delay, isGenerated: true as const, ...traits };
  });
}

export function describeGroups(harness: DriverHarness): void {
  describe('groups', () => {
    const scene = new Scene(harness);

    /** Pushes jobs that are named in one text. */
    const push = (ids: string, { queue = QUEUE, delay = 0 } = {}): Promise<readonly PushException[] | undefined> =>
      scene.driver.push(queue, groupedJobs(ids.split(' '), delay), true);
    const page = (request: Partial<ListRequest> = {}) =>
      scene.driver.lists.page(QUEUE, {
        place: 'grouped',
        states: JOB_STATES,
        order: 'oldest',
        limit: 100,
        skip: 0,
        filter: {},
        ...request,
      });
    /** The listed jobs of each group, in their order. */
    const listed = async (request: Partial<ListRequest> = {}): Promise<Record<string, string>> => {
      const byGroup: Record<string, string> = {};
      for (const { id } of (await page(request)).jobs) {
        const group = groupOf(id) ?? 'none';
        byGroup[group] = group in byGroup ? `${byGroup[group]} ${id}` : id;
      }
      return byGroup;
    };
    const expectNothing = async (): Promise<void> => {
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, blocked: 0, delayed: 0, reserved: 0 });
      expect(await page()).toEqual({ jobs: [], skipped: 0 });
      expect(await scene.consume().poll({ limit: 10 })).toMatchObject({ jobs: [], more: false, limited: false });
    };
    const drain = async (consumer: TestConsumer, most?: number): Promise<string> =>
      (await consumer.drainInTurn(most)).join(' ');
    const claimed = async (consumer: TestConsumer, limit: number): Promise<string> =>
      idsOf(await consumer.claim(limit)).join(' ');

    it('are served in turn, a job each, and first in first out within one', async () => {
      await push('a-1 a-2 a-3 a-4 b-1 c-1 c-2');
      await push('b-2 a-5');
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 9, blocked: 0 });
      expect(await drain(scene.consume())).toBe('a-1 b-1 c-1 a-2 b-2 c-2 a-3 a-4 a-5');
      await expectNothing();
    });

    it('are served in turn by one claim of many jobs, too', async () => {
      await push('a-1 a-2 a-3 a-4 b-1 b-2 c-1 d-1');
      const consumer = scene.consume();
      expect(await claimed(consumer, 3)).toBe('a-1 b-1 c-1');
      expect(await claimed(consumer, 4)).toBe('d-1 a-2 b-2 a-3');
      expect(await claimed(consumer, 4)).toBe('a-4');
    });

    it('let the first job of a new group wait for one turn, however many jobs another group has', async () => {
      await push(numbered(300, 'big').join(' '));
      const consumer = scene.consume();
      expect(await consumer.claim(3)).toHaveLength(3);
      await push('small-1');
      expect(idsOf(await consumer.claim(2))).toContain('small-1');
    });

    it('share the claims by halves with the jobs without a group', async () => {
      await push('1 2 3 4 5 a-1 a-2 a-3 b-1 b-2');
      const consumer = scene.consume();
      const order = (await drain(consumer, 8)).split(' ');
      for (let at = 0; at < 8; at += 2) {
        expect(order.slice(at, at + 2).filter((id) => groupOf(id) === undefined)).toHaveLength(1);
      }
      expect(order.filter((id) => groupOf(id))).toEqual(['a-1', 'b-1', 'a-2', 'b-2']);
      await push('6 7 8 9 a-4 a-5 a-6 a-7 a-8');
      const batches = [3, 3].map(async (limit) => (await consumer.claim(limit)).filter(({ id }) => groupOf(id)).length);
      const [first, second] = await Promise.all(batches);
      expect(first! + second!).toBe(3);
    });

    it('leave no place empty if the other side has too few jobs', async () => {
      await push('1 a-1 a-2 a-3');
      expect((await claimed(scene.consume(), 4)).split(' ').toSorted()).toEqual(['1', 'a-1', 'a-2', 'a-3']);
      await push('2 3 4 b-1');
      expect((await claimed(scene.consume(), 4)).split(' ').toSorted()).toEqual(['2', '3', '4', 'b-1']);
    });

    it('may have any name', async () => {
      const names = ['a b', '{x}', ':', '"', 'ä🚀', '|', '-', '+', '0', '%s', 'R', 'x'.repeat(256), "'", '\\n', '~'];
      const jobs = names.flatMap((group, at) =>
        [1, 2].map((turn) => ({
          id: `job-${at}-${turn}`,
          body: 'hx\n',
          delay: 0,
          isGenerated: true as const,
          traits: { group },
        })),
      );
      await scene.driver.push(QUEUE, jobs, true);
      const consumer = scene.consume();
      expect(idsOf(await consumer.claim(names.length))).toEqual(names.map((_, at) => `job-${at}-1`));
      expect(idsOf(await consumer.claim(names.length))).toEqual(names.map((_, at) => `job-${at}-2`));
    });

    it('ask for another poll as long as jobs are left, and let no consumer claim ahead', async () => {
      await push('a-1 b-1 1');
      const consumer = scene.consume();
      expect(await consumer.poll()).toMatchObject({ more: true, limited: true, blocked: false, nextDue: null });
      expect(await consumer.poll({ limit: 2 })).toMatchObject({ more: true, limited: true });
      expect(await consumer.poll({ limit: 2 })).toMatchObject({ more: false, limited: false });
    });

    it('wake a listener for their jobs', async () => {
      await push('a-1 a-2');
      expect(await scene.listen().wait(0)).toBe(QUEUE);
      expect(await claimed(scene.consume(), 1)).toBe('a-1');
      expect(await scene.listen().wait(0)).toBe(QUEUE);
    });

    it.each([
      ['a retry', (job: ClaimedJob) => retry(job)],
      ['a release', (job: ClaimedJob) => release(job)],
    ])('are kept by %s, which puts the job behind the others of its group', async (_, settle) => {
      await push('a-1 a-2 b-1');
      const consumer = scene.consume();
      await consumer.settle(settle(await consumer.claimOne()));
      expect(await drain(consumer)).toBe('b-1 a-2 a-1');
      await push('c-1 d-1');
      await consumer.settle(settle(await consumer.claimOne()));
      expect(await drain(consumer)).toBe('d-1 c-1');
      await expectNothing();
    });

    it('are kept over a delay: at the push, before a retry, and when an operator changes it', async () => {
      await push('a-1 a-2 b-1');
      await push('a-3 c-1', { delay: 10 });
      const consumer = scene.consume();
      const [a1, b1] = await consumer.claim(2);
      await consumer.settle(retry(a1!, { delay: 10 }), release(b1!, { delay: 10 }));
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 1, delayed: 4 });
      expect(await scene.driver.mending.promote(QUEUE, 'a-3')).toBe(true);
      expect(await listed()).toEqual({ a: 'a-2 a-3' });
      expect(await scene.driver.mending.reschedule(QUEUE, 'a-2', 5)).toBe(true);
      expect(await listed()).toEqual({ a: 'a-3' });
      await scene.advance(11);
      expect((await drain(consumer, 3)).split(' ').toSorted()).toEqual(['a-3', 'b-1', 'c-1']);
      expect((await drain(consumer)).split(' ').toSorted()).toEqual(['a-1', 'a-2']);
      await expectNothing();
    });

    it('get requeued jobs back at their front, in the order of their claims', async () => {
      await push('a-1 a-2 a-3 a-4 b-1 b-2 1 2');
      const consumer = scene.consume();
      const jobs = await consumer.claim(7);
      await consumer.settle(...jobs.map((job) => release(job, { position: 'front' })));
      await push('a-5 b-3');
      expect(await listed()).toEqual({ a: 'a-1 a-2 a-3 a-4 a-5', b: 'b-1 b-2 b-3' });
      const order = (await drain(consumer)).split(' ');
      for (const group of ['a', 'b', undefined]) {
        const own = order.filter((id) => groupOf(id) === group);
        expect(own).toEqual(own.toSorted());
      }
      expect(order).toHaveLength(10);
      await expectNothing();
    });

    it('do not count for a job whose worker was lost: it comes first', async () => {
      await push('a-1 b-1');
      const alive = scene.consume();
      await scene.crashWith(2, alive);
      await push('c-1 1');
      const first = await alive.claimRecovered(1);
      expect(first).toMatchObject([{ crashes: 1 }]);
      // It stays a recovered job when it is retried.
      await alive.settle(retry(first[0]!));
      const rest = [...(await alive.claimRecovered(2)), ...(await alive.claimRecovered(2))];
      expect(rest.filter(({ crashes }) => crashes === 1)).toHaveLength(2);
      await alive.settle(...rest.map((job) => complete(job)));
      await expectNothing();
    });

    it('take an empty group out of the turn, and let it in again at the end', async () => {
      await push('a-1 b-1 c-1 b-2');
      expect(await scene.driver.cancellations.cancel('a-1')).toBe('cancelled');
      await push('a-2');
      expect(await scene.driver.mending.remove(QUEUE, ['b-1'])).toBe(1);
      expect(await listed()).toEqual({ a: 'a-2', b: 'b-2', c: 'c-1' });
      expect(await drain(scene.consume())).toBe('b-2 c-1 a-2');
      await expectNothing();
    });

    it('give jobs out of their middle, and of both ends', async () => {
      await push('a-1 a-2 a-3 a-4 a-5 a-6');
      for (const id of ['a-3', 'a-1', 'a-6']) expect(await scene.driver.cancellations.cancel(id)).toBe('cancelled');
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 3 });
      expect(await listed()).toEqual({ a: 'a-2 a-4 a-5' });
      await push('a-7');
      expect(await drain(scene.consume())).toBe('a-2 a-4 a-5 a-7');
      await expectNothing();
    });

    it('hand out a job once that is cancelled and pushed again with the same id, in any group', async () => {
      const again = (id: string, group: string): Promise<unknown> =>
        scene.driver.push(
          QUEUE,
          [{ id, body: `h${group}\n`, delay: 0, name: group, replacesEnded: true, traits: { group } }],
          true,
        );
      await push('a-1 b-1');
      for (const group of ['a', 'b', 'a', 'a', 'b', 'c']) {
        await again('x', group);
        await push(`a-${group}${Math.random()}`);
        expect(await scene.driver.cancellations.cancel('x')).toBe('cancelled');
      }
      await again('x', 'a');
      const ids = (await drain(scene.consume())).split(' ');
      expect(ids.filter((id) => id === 'x')).toHaveLength(1);
      expect(ids).toHaveLength(9);
      await expectNothing();
    });

    it('are known to lists, totals, and lookups', async () => {
      await push('a-1 a-2 b-1 b-2 1');
      await push('b-3', { delay: 60 });
      const consumer = scene.consume();
      const job = (await consumer.claim(2)).find(({ id }) => groupOf(id));
      await consumer.settle(retry(job!));
      expect(job!.id).toBe('a-1');
      expect(await listed()).toEqual({ a: 'a-2 a-1', b: 'b-1 b-2' });
      expect(await listed({ order: 'newest' })).toEqual({ a: 'a-1 a-2', b: 'b-2 b-1' });
      expect(await listed({ states: ['queued'] })).toEqual({ a: 'a-2', b: 'b-1 b-2' });
      expect(await listed({ states: ['retrying'] })).toEqual({ a: 'a-1' });
      expect(await listed({ filter: { search: '-2' } })).toEqual({ a: 'a-2', b: 'b-2' });
      expect(await scene.driver.lists.total(QUEUE, ['queued', 'delayed', 'retrying'])).toBe(5);
      expect(await scene.driver.lists.find('b-1', [QUEUE])).toMatchObject({ state: 'queued', body: 'hb-1\n' });
      expect(await scene.driver.lists.find('a-1', [QUEUE])).toMatchObject({ state: 'retrying' });
      expect(await scene.driver.getStatus('b-1')).toMatchObject({ state: 'queued' });
      expect(await scene.driver.queues()).toEqual([QUEUE]);
    });

    it('are read by pages, each job once', async () => {
      const ids = Array.from({ length: 120 }, (_, at) => `g${at % 7}-${String(at).padStart(3, '0')}`);
      await push(ids.join(' '));
      await scene.driver.mending.remove(QUEUE, ids.slice(30, 40));
      const left = ids.filter((_, at) => at < 30 || at >= 40);
      for (const order of ['oldest', 'newest'] as const) {
        const seen: string[] = [];
        let cursor: ListRequest['cursor'];
        do {
          const got = await page({ order, limit: 10, ...(cursor && { cursor }) });
          expect(got.jobs.length).toBeLessThanOrEqual(10);
          seen.push(...got.jobs.map(({ id }) => id));
          cursor = got.cursor;
        } while (cursor);
        expect(seen.toSorted()).toEqual(left.toSorted());
        for (let group = 0; group < 7; group++) {
          const own = seen.filter((id) => id.startsWith(`g${group}-`));
          expect(own).toEqual(order === 'oldest' ? own.toSorted() : own.toSorted().reverse());
        }
      }
      const skipped: string[] = [];
      let [skip, cursor]: [number, ListRequest['cursor']] = [25, undefined];
      do {
        const got = await page({ limit: 200, skip, ...(cursor && { cursor }) });
        skip -= got.skipped;
        skipped.push(...got.jobs.map(({ id }) => id));
        cursor = got.cursor;
      } while (cursor);
      expect(skip).toBe(0);
      expect(skipped).toHaveLength(left.length - 25);
    });

    it('refuse the cursor of another list', async () => {
      await push('a-1 a-2 a-3');
      await expect(page({ cursor: [''] })).rejects.toThrow('cursor');
    });

    it('tell the next jobs of the first groups to the statistics', async () => {
      const names = Array.from({ length: MOST_READY + 2 }, (_, at) => `g${at}`);
      await push(names.flatMap((name) => [`${name}-1`, `${name}-2`]).join(' '));
      await push('1');
      const { ready } = await scene.driver.stats.look(QUEUE);
      const expected = ['h1', ...names.slice(0, MOST_READY).map((name) => `h${name}-1`)];
      expect(new Set(ready.map(({ header }) => header))).toEqual(new Set(expected));
    });

    it('leave nothing of jobs that are cancelled, removed, cleared or obliterated', async () => {
      const all = 'a-1 a-2 a-3 b-1';
      await push(all);
      await push('a-4 c-1', { delay: 60 });
      for (const id of [...all.split(' '), 'a-4', 'c-1']) {
        expect(await scene.driver.cancellations.cancel(id)).toBe('cancelled');
      }
      await expectNothing();
      await push('d-1 d-2 e-1');
      expect(await scene.driver.mending.remove(QUEUE, ['d-2', 'd-1', 'e-1', 'a-1'])).toBe(4);
      await expectNothing();
      const many = Array.from({ length: 450 }, (_, at) => `g${at % 120}-${at}`);
      await push(many.join(' '));
      await push('1 2 3');
      expect(await scene.driver.clear(QUEUE)).toBe(453);
      await expectNothing();
      await push(many.map((id) => `${id}x`).join(' '));
      expect(await scene.driver.mending.obliterate(QUEUE)).toBe(0);
      await expectNothing();
      await push('g1-1 g1-2 1');
      expect((await claimed(scene.consume(), 5)).split(' ').toSorted()).toEqual(['1', 'g1-1', 'g1-2']);
    });

    it('remove only jobs in given states', async () => {
      await push('a-1 a-2 b-1');
      const consumer = scene.consume();
      await consumer.settle(retry(await consumer.claimOne()));
      expect(await scene.driver.mending.remove(QUEUE, ['a-1', 'a-2', 'b-1'], ['queued'])).toBe(2);
      expect(await drain(consumer)).toBe('a-1');
    });

    it('are kept by a failed job that an operator puts back, also into another queue', async () => {
      await push('a-1 a-2 b-1 c-1');
      const consumer = scene.consume();
      await consumer.settle(...(await consumer.claim(4)).map((job) => fail(job)));
      await push('a-3 1');
      expect(await scene.driver.mending.retry(QUEUE, ['a-2', 'a-1', 'b-1'])).toBe(3);
      expect(await listed()).toEqual({ a: 'a-3 a-2 a-1', b: 'b-1' });
      await push('c-2 d-1', { queue: 'other' });
      expect(await scene.driver.mending.move(QUEUE, ['c-1'], 'other')).toBe(1);
      expect(idsOf(await claim(scene.consume({ queue: 'other' }).inner, 5))).toEqual(['c-2', 'd-1', 'c-1']);
    });

    it('hold nothing in a paused queue, and wake when it goes on', async () => {
      await push('a-1 a-2');
      await scene.driver.pauses.pause(QUEUE, null);
      const consumer = scene.consume();
      expect(await consumer.poll({ limit: 5 })).toMatchObject({ jobs: [], paused: true, more: false, blocked: false });
      await scene.driver.pauses.resume(QUEUE);
      expect(await scene.listen().wait(0)).toBe(QUEUE);
      expect(await claimed(consumer, 5)).toBe('a-1 a-2');
    });

    it('let a priority count among the jobs without a group', async () => {
      const [low, high, grouped] = groupedJobs(['1', '2', 'a-1']);
      await scene.driver.push(QUEUE, [low!, { ...high!, traits: { priority: 5 } }, grouped!], true);
      const order = (await drain(scene.consume())).split(' ');
      expect(order.filter((id) => id !== 'a-1')).toEqual(['2', '1']);
    });

    it('go with the key of a unique job', async () => {
      const job = (id: string): NewJob => ({
        ...groupedJobs([id])[0]!,
        traits: { group: groupOf(id)!, unique: { key: 'k', until: 'end' } },
      });
      expect(await scene.driver.push(QUEUE, [job('a-1')], true)).toBeUndefined();
      expect(await scene.driver.push(QUEUE, [job('a-2')], true)).toEqual([
        { index: 0, outcome: 'duplicate', id: 'a-1' },
      ]);
      const consumer = scene.consume();
      await consumer.settle(complete(await consumer.claimOne()));
      expect(await scene.driver.push(QUEUE, [job('b-1')], true)).toBeUndefined();
      expect(await scene.driver.cancellations.cancel('b-1')).toBe('cancelled');
      expect(await scene.driver.push(QUEUE, [job('a-3')], true)).toBeUndefined();
      expect(await drain(consumer)).toBe('a-3');
    });

    it('follow a debounced job whose push is replaced', async () => {
      const job = (id: string, group: string | undefined, wait: number): NewJob => ({
        id,
        body: `h${id}\n`,
        delay: wait,
        isGenerated: true,
        traits: { ...(group && { group }), debounce: { key: 'k', maxWait: 3 } },
      });
      const replaced = [{ index: 0, outcome: 'replaced', id: 'x' }];
      expect(await scene.driver.push(QUEUE, [job('x', 'a', 2)], true)).toBeUndefined();
      expect(await scene.driver.push(QUEUE, [job('x2', 'b', 2)], true)).toEqual(replaced);
      await scene.advance(4);
      await push('a-1 b-1');
      // Its longest time is over: it stays ready, and keeps its place in its group.
      expect(await scene.driver.push(QUEUE, [job('x3', 'b', 2)], true)).toEqual(replaced);
      await scene.consume().poll();
      await push('b-2');
      expect((await listed())['b']).toBe('b-1 b-2');
      expect(await scene.driver.push(QUEUE, [job('x4', 'a', 2)], true)).toEqual(replaced);
      expect(await scene.driver.push(QUEUE, [job('x5', undefined, 2)], true)).toEqual(replaced);
      expect(await scene.driver.push(QUEUE, [job('x6', 'a', 2)], true)).toEqual(replaced);
      await push('a-2');
      const order = (await drain(scene.consume())).split(' ');
      expect(order.filter((id) => ['a-1', 'x', 'a-2'].includes(id))).toEqual(['a-1', 'x', 'a-2']);
      expect(order).toHaveLength(5);
      await expectNothing();
    });

    it('are cancelled by many at once', async () => {
      await push('a-1 a-2 b-1 b-2');
      const { pushedBy } = await scene.driver.cancellations.live(QUEUE, { limit: 10, headers: false });
      const { ended } = await scene.driver.cancellations.cancelSome(QUEUE, ['a-1', 'a-2', 'b-2'], pushedBy);
      expect([...ended].toSorted()).toEqual(['a-1', 'a-2', 'b-2']);
      expect(await drain(scene.consume())).toBe('b-1');
      await expectNothing();
    });
  });
}

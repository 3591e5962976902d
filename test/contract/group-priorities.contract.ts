import { describe, expect, it } from '@jest/globals';
import type { ClaimedJob, NewJob, PushException } from '../../lib/drivers/queue-driver.interface.js';
import type { ListRequest } from '../../lib/drivers/queue-lists.interface.js';
import { JOB_STATES } from '../../lib/job/job-status.js';
import type { DriverHarness } from './driver-harness.js';
import { fail, idsOf, QUEUE, release, retry, Scene, type TestConsumer } from './scene.js';

/** Makes jobs that are named by their groups, their priorities and their numbers: `a+5-1` is in `a`, with priority 5; `a-1` has priority 0. */
function jobsOf(ids: readonly string[], delay = 0): NewJob[] {
  return ids.map((id) => {
    const [, group, priority] = /^([a-z]+)([+_]\d+)?-/.exec(id)!;
    const value = Number((priority ?? '0').replace('_', '-'));
    const traits = { group: group!, ...(value !== 0 && { priority: value }) };
    return { id, body: `h${id}\n`, delay, isGenerated: true as const, traits };
  });
}

export function describeGroupPriorities(harness: DriverHarness): void {
  const push = (scene: Scene, ids: string, { queue = QUEUE, delay = 0 } = {}) =>
    scene.driver.push(queue, jobsOf(ids.split(' '), delay), true);
  const drain = async (consumer: TestConsumer, most?: number): Promise<string> =>
    (await consumer.drainInTurn(most)).join(' ');

  describe('priority within a group', () => {
    const scene = new Scene(harness);
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
    /** The ids of all pages of a list. */
    const listed = async (order: 'oldest' | 'newest', limit: number): Promise<string> => {
      const ids: string[] = [];
      let cursor: ListRequest['cursor'];
      do {
        const found = await page({ order, limit, ...(cursor !== undefined && { cursor }) });
        ids.push(...found.jobs.map(({ id }) => id));
        ({ cursor } = found);
      } while (cursor !== undefined);
      return ids.join(' ');
    };
    const expectNothing = async (): Promise<void> => {
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, blocked: 0, delayed: 0, reserved: 0 });
      expect(await page()).toEqual({ jobs: [], skipped: 0 });
      expect(await scene.consume().poll({ limit: 10 })).toMatchObject({ jobs: [], more: false, limited: false });
    };

    it('decides the order: higher first, first in first out within one', async () => {
      await push(scene, 'a-1 a_2-1 a+5-1 a_1000-1 a+1000-1 a+5-2 a-2 a+6-1');
      await push(scene, 'a+5-3 a-3');
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 10 });
      const order = 'a+1000-1 a+6-1 a+5-1 a+5-2 a+5-3 a-1 a-2 a-3 a_2-1 a_1000-1';
      expect(await listed('oldest', 100)).toBe(order);
      const consumer = scene.consume();
      const first = await consumer.claim(4);
      expect(idsOf(first).join(' ')).toBe(order.split(' ').slice(0, 4).join(' '));
      expect(await drain(consumer)).toBe(order.split(' ').slice(4).join(' '));
    });

    it('does not count between groups: they are served in turn', async () => {
      await push(scene, 'a_5-1 b+5-1 a_5-2 b+5-2 c-1 b+9-1');
      expect(await drain(scene.consume())).toBe('a_5-1 b+9-1 c-1 a_5-2 b+5-1 b+5-2');
      await expectNothing();
    });

    it.each([
      ['a retry', (job: ClaimedJob) => retry(job)],
      ['a release', (job: ClaimedJob) => release(job)],
    ])('is kept by %s, which puts the job behind the others of its priority', async (_, settle) => {
      await push(scene, 'a+5-1 a+5-2 a-1 a_5-1');
      const consumer = scene.consume();
      await consumer.settle(settle(await consumer.claimOne()));
      expect(await drain(consumer)).toBe('a+5-2 a+5-1 a-1 a_5-1');
    });

    it('is kept over a delay: at the push, before a retry, and when an operator changes it', async () => {
      await push(scene, 'a+1-1 a_1-1');
      await push(scene, 'a+5-1 a-1 a+2-1', { delay: 10 });
      const consumer = scene.consume();
      const [one, low] = await consumer.claim(2);
      await consumer.settle(retry(one!, { delay: 10 }), release(low!, { delay: 10 }));
      expect(await scene.driver.mending.promote(QUEUE, 'a+2-1')).toBe(true);
      expect(await scene.driver.mending.reschedule(QUEUE, 'a+2-1', 5)).toBe(true);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, delayed: 5 });
      expect(await scene.driver.mending.promote(QUEUE, 'a+2-1')).toBe(true);
      await scene.advance(11);
      expect(await drain(consumer)).toBe('a+5-1 a+2-1 a+1-1 a-1 a_1-1');
      await expectNothing();
    });

    it('gets requeued jobs back at the front of their priority', async () => {
      await push(scene, 'a+5-1 a+5-2 a+5-3 a-1 a-2');
      const consumer = scene.consume();
      const jobs = await consumer.claim(4);
      await push(scene, 'a+7-1 a+5-4');
      await consumer.settle(...jobs.map((job) => release(job, { position: 'front' })));
      expect(await drain(consumer)).toBe('a+7-1 a+5-1 a+5-2 a+5-3 a+5-4 a-1 a-2');
    });

    it('does not count for a job whose worker was lost: it comes first', async () => {
      const alive = scene.consume();
      await push(scene, 'a_5-1');
      await scene.crashWith(1, alive);
      await push(scene, 'a+5-1');
      expect(idsOf(await alive.claimRecovered(2))).toEqual(['a_5-1', 'a+5-1']);
    });

    it('lets one of 20 claimed jobs of each group be the oldest one of the lowest priority', async () => {
      const many = (group: string): string[] => Array.from({ length: 45 }, (_, i) => `${group}+5-${i}`);
      await push(scene, ['a_5-1', 'a_5-2', 'a_9-1', 'a_9-2', 'a-1', 'b-1', 'b+1-1'].join(' '));
      await push(scene, many('a').join(' '));
      await push(scene, many('b').join(' '));
      const order = (await drain(scene.consume(), 84)).split(' ');
      const of = (group: string): string[] => order.filter((id) => id.startsWith(group));
      const low = (ids: readonly string[]): [string, number][] =>
        [...ids.entries()].filter(([, id]) => !id.includes('+5-')).map(([at, id]) => [id, at + 1]);
      expect(low(of('a'))).toEqual([
        ['a_9-1', 20],
        ['a_9-2', 40],
      ]);
      expect(low(of('b'))).toEqual([
        ['b-1', 20],
        ['b+1-1', 40],
      ]);
    });

    it('lets a group without ready jobs begin anew with that', async () => {
      const consumer = scene.consume();
      await push(scene, Array.from({ length: 19 }, (_, i) => `a+5-${i}`).join(' '));
      expect(await consumer.claim(19)).toHaveLength(19);
      await push(scene, 'a_5-1 a+5-20');
      expect(idsOf(await consumer.claim(1))).toEqual(['a+5-20']);
    });

    it('is listed in pages of each size, both ways', async () => {
      await push(scene, 'a_2-1 a+1-1 a-1 a+3-1 a-2 a_1-1 a+3-2 a-3');
      const order = 'a+3-1 a+3-2 a+1-1 a-1 a-2 a-3 a_1-1 a_2-1';
      for (const limit of [1, 2, 3, 5, 100]) {
        expect(await listed('oldest', limit)).toBe(order);
        expect(await listed('newest', limit)).toBe(order.split(' ').toReversed().join(' '));
      }
    });

    it('leaves nothing of jobs that are cancelled, removed, cleared or obliterated', async () => {
      await push(scene, 'a+5-1 a+5-2 a-1 a_5-1 b+1-1 c-1 c_1-1');
      for (const id of ['a+5-1', 'a_5-1', 'b+1-1'])
        expect(await scene.driver.cancellations.cancel(id)).toBe('cancelled');
      expect(await scene.driver.mending.remove(QUEUE, ['a+5-2', 'c_1-1'])).toBe(2);
      expect(await drain(scene.consume())).toBe('a-1 c-1');
      await expectNothing();
      const ids = Array.from({ length: 150 }, (_, i) => `a${['+5', '', '_5'][i % 3]}-${i}`);
      await push(scene, ids.join(' '));
      await push(scene, 'b_3-1');
      expect(await scene.driver.clear(QUEUE)).toBe(151);
      await expectNothing();
      await push(scene, ids.join(' '));
      expect(await scene.driver.mending.obliterate(QUEUE)).toBe(0);
      await push(scene, 'a-1');
      expect(await drain(scene.consume())).toBe('a-1');
      await expectNothing();
    });

    it('is kept when an operator retries or moves the job', async () => {
      await push(scene, 'a+5-1 a-1 a_5-1');
      const consumer = scene.consume();
      const jobs = await consumer.claim(3);
      await consumer.settle(...jobs.map((job) => fail(job)));
      await push(scene, 'a+5-2 a-2');
      expect(await scene.driver.mending.retry(QUEUE, ['a_5-1', 'a+5-1'])).toBe(2);
      expect(await scene.driver.mending.move(QUEUE, ['a-1'], 'other')).toBe(1);
      await push(scene, 'a+5-3 a_1-1', { queue: 'other' });
      expect(await drain(consumer)).toBe('a+5-2 a+5-1 a-2 a_5-1');
      expect(await drain(scene.consume({ queue: 'other' }))).toBe('a+5-3 a-1 a_1-1');
    });

    it('changes with a debounced job whose push is replaced', async () => {
      const job = (id: string, priority: number, wait: number): NewJob => ({
        id,
        body: `h${id}\n`,
        delay: wait,
        isGenerated: true,
        traits: { group: 'a', ...(priority !== 0 && { priority }), debounce: { key: 'k', maxWait: 3 } },
      });
      const replaced: readonly PushException[] = [{ index: 0, outcome: 'replaced', id: 'x' }];
      await scene.driver.push(QUEUE, [job('x', 5, 2)], true);
      expect(await scene.driver.push(QUEUE, [job('x2', -5, 2)], true)).toEqual(replaced);
      await scene.advance(4);
      const consumer = scene.consume();
      await consumer.poll({ limit: 0 });
      await push(scene, 'a_2-1 a-1');
      // Its longest time is over: it stays ready, and goes to the end of its new priority.
      expect(await scene.driver.push(QUEUE, [job('x3', 9, 2)], true)).toEqual(replaced);
      expect(await listed('oldest', 9)).toBe('x a-1 a_2-1');
      expect(await scene.driver.cancellations.cancel('x')).toBe('cancelled');
      expect(await drain(consumer)).toBe('a-1 a_2-1');
      await expectNothing();
    });
  });

  describe('priority within groups in strict order', () => {
    const scene = new Scene(harness, undefined, undefined, { groups: { concurrency: 1, ordered: true } });

    it.each([
      ['a retry', (job: ClaimedJob) => retry(job)],
      ['a release', (job: ClaimedJob) => release(job)],
      ['a requeue', (job: ClaimedJob) => release(job, { position: 'front' })],
      ['a pause before a retry', (job: ClaimedJob) => retry(job, { delay: 10 })],
    ])('does not let another job pass one that comes back after %s', async (_, settle) => {
      await push(scene, 'a_5-1');
      const consumer = scene.consume();
      const [job] = await consumer.claim();
      await push(scene, 'a+5-1 a-1');
      await consumer.settle(settle(job!));
      await scene.advance(11);
      await push(scene, 'a+1000-1');
      expect(await drain(consumer)).toBe('a_5-1 a+1000-1 a+5-1 a-1');
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, blocked: 0, reserved: 0 });
    });

    it('lets a group give one job at once, the next one by priority', async () => {
      await push(scene, 'a-1 a+5-1 b_5-1');
      const consumer = scene.consume();
      expect(idsOf(await consumer.claim(9))).toEqual(['a+5-1', 'b_5-1']);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, blocked: 1, reserved: 2 });
    });
  });
}

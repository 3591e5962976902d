import { describe, expect, it } from '@jest/globals';
import type { ClaimedJob } from '../../lib/drivers/queue-driver.interface.js';
import type { StartLimits } from '../../lib/drivers/queue-limits.interface.js';
import { eventually } from '../support/eventually.js';
import type { DriverHarness } from './driver-harness.js';
import { groupedJobs } from './groups.contract.js';
import { expectDueIn, idsOf, numbered, QUEUE, Scene, settlement, type TestConsumer } from './scene.js';

/** Milliseconds, longer than any test. */
const LONG = 60_000;
const { complete, fail, release, retry } = settlement;

export function describeGroupLimits(harness: DriverHarness): void {
  const sceneWith = (limits: StartLimits): Scene => new Scene(harness, undefined, undefined, limits);
  /** Pushes jobs that are named in one text. */
  const pushTo = (scene: Scene, ids: string, delay = 0) =>
    scene.driver.push(QUEUE, groupedJobs(ids.split(' '), delay), true);
  const claimed = async (consumer: TestConsumer, limit = 100): Promise<string> =>
    idsOf(await consumer.claim(limit)).join(' ');
  const counts = async (scene: Scene) => {
    const { ready, blocked, reserved } = await scene.driver.counts(QUEUE);
    return { ready, blocked, reserved };
  };

  describe('groups with a concurrency', () => {
    const scene = sceneWith({ groups: { concurrency: 2 } });
    const push = (ids: string, delay?: number) => pushTo(scene, ids, delay);

    it('run no more jobs than that, each of them, in all consumers together', async () => {
      await push('a-1 a-2 a-3 a-4 b-1 c-1 c-2 c-3 1 2 3 4');
      const [one, two] = [scene.consume(), scene.consume()];
      const first = [...(await one.claim(4)), ...(await two.claim(100))].map(({ id }) => id);
      expect(first.toSorted()).toEqual(['1', '2', '3', '4', 'a-1', 'a-2', 'b-1', 'c-1', 'c-2']);
      expect(await counts(scene)).toEqual({ ready: 0, blocked: 3, reserved: 9 });
      expect(await two.poll({ limit: 5 })).toMatchObject({ jobs: [], more: false, blocked: true, limited: true });
    });

    it('say that they have limits, also while no job with a group waits', async () => {
      await scene.push(numbered(3));
      expect(await scene.consume().poll()).toMatchObject({ limited: true, blocked: false, more: true });
    });

    const ends: [string, (job: ClaimedJob) => ReturnType<typeof complete>][] = [
      ['is completed', (job) => complete(job)],
      ['fails', (job) => fail(job)],
      ['is retried', (job) => retry(job, { delay: 60 })],
      ['is released', (job) => release(job, { delay: 60 })],
      ['is of an unknown name', (job) => release(job, { delay: 60, unknown: true })],
      ['is cancelled', ({ id, fence }) => ({ kind: 'cancel', id, fence, hasRun: true })],
    ];
    it.each(ends)('give another job as soon as one %s, and only once', async (_, end) => {
      await push('a-1 a-2 a-3 a-4 a-5');
      const [one, two] = [scene.consume(), scene.consume()];
      const [first] = await one.claim();
      expect(await one.settle(end(first!))).toMatchObject({ more: true, blocked: false });
      expect(await two.poll({ limit: 5 })).toMatchObject({ jobs: [{ id: 'a-3' }], more: false, blocked: true });
      // A second copy frees nothing.
      await one.settle(end(first!));
      expect(await claimed(two)).toBe('');
      expect(await counts(scene)).toMatchObject({ ready: 0, blocked: 2, reserved: 2 });
    });

    it('take requeued jobs back, and give them again', async () => {
      await push('a-1 a-2 a-3 b-1');
      const consumer = scene.consume();
      const jobs = await consumer.claim();
      expect(jobs).toHaveLength(3);
      await consumer.settle(...jobs.map((job) => release(job, { position: 'front', unstarted: true })));
      expect((await claimed(consumer)).split(' ').toSorted()).toEqual(['a-1', 'a-2', 'b-1']);
      expect(await counts(scene)).toEqual({ ready: 0, blocked: 1, reserved: 3 });
    });

    it('claim for the place that the same poll frees', async () => {
      await push('a-1 a-2 a-3 a-4');
      const consumer = scene.consume();
      const [first] = await consumer.claim();
      const { jobs, more } = await consumer.poll({ settlements: [complete(first!)], limit: 5 });
      expect({ ids: idsOf(jobs), more }).toEqual({ ids: ['a-3'], more: false });
    });

    it('keep no place in front of others, and no slot', async () => {
      await push(`${numbered(300, 'big').join(' ')} b-1`);
      const consumer = scene.consume();
      expect((await claimed(consumer, 3)).split(' ')).toContain('b-1');
      await push('c-1 1');
      expect((await claimed(consumer, 2)).split(' ').toSorted()).toEqual(['1', 'c-1']);
      expect(await counts(scene)).toEqual({ ready: 0, blocked: 298, reserved: 5 });
    });

    it('wake a listener with the settlement that frees a place, and with none before', async () => {
      await push('a-1 a-2 a-3');
      const [one, two] = [scene.consume(), scene.consume()];
      const jobs = await one.claim();
      const listener = scene.listen();
      // The marker of the push may still be there.
      await Promise.all([listener.wait(1), scene.advance(0.01)]);
      let woken = 0;
      const waiting = listener.wait(LONG).then(() => woken++);
      await one.poll();
      await two.poll({ limit: 1 });
      await scene.driver.ping();
      expect(woken).toBe(0);
      await one.complete(jobs[0]!);
      await waiting;
    });

    it('hand out the places of a lost consumer when its lease has run out', async () => {
      await push('a-1 a-2 a-3 a-4 b-1');
      const alive = scene.consume();
      await scene.crashWith(3, alive);
      await alive.poll();
      // The recovered jobs and those that waited share the places.
      const jobs = [...(await alive.claimRecovered(10)), ...(await alive.claimRecovered(10))];
      jobs.push(...(await alive.claimRecovered(10)));
      expect(jobs.filter(({ id }) => id.startsWith('a-'))).toHaveLength(2);
      expect(jobs.filter(({ id }) => id.startsWith('b-'))).toHaveLength(1);
      expect(await alive.poll({ limit: 1, recovered: true })).toMatchObject({ jobs: [], blocked: true });
    });

    it('let a recovered job wait that would be one too many, and those of other groups pass', async () => {
      await push('a-1 b-1');
      const alive = scene.consume();
      await scene.crashWith(2, alive);
      await push('a-2 a-3');
      const running = await alive.claim();
      expect(idsOf(running)).toEqual(['a-2', 'a-3']);
      expect(idsOf(await alive.claimRecovered(5))).toEqual(['b-1']);
      expect(await alive.poll({ limit: 5, recovered: true })).toMatchObject({
        jobs: [],
        recovered: false,
        more: false,
        blocked: true,
      });
      const { jobs } = await alive.poll({ settlements: [complete(running[0]!)], limit: 5, recovered: true });
      expect(jobs).toMatchObject([{ id: 'a-1', crashes: 1 }]);
    });

    it('leave nothing of jobs that are cancelled, removed, cleared or obliterated while they are blocked', async () => {
      const consumer = scene.consume();
      await push('a-1 a-2 a-3 a-4 a-5 a-6');
      const [first, second] = await consumer.claim();
      expect(await scene.driver.cancellations.cancel('a-4')).toBe('cancelled');
      expect(await scene.driver.mending.remove(QUEUE, ['a-3'])).toBe(1);
      expect(await counts(scene)).toEqual({ ready: 0, blocked: 2, reserved: 2 });
      expect(await scene.driver.clear(QUEUE)).toBe(2);
      expect(await counts(scene)).toEqual({ ready: 0, blocked: 0, reserved: 2 });
      expect(await consumer.settle(complete(first!), complete(second!))).toMatchObject({ more: false, blocked: false });
      await push('a-7 a-8 a-9');
      const jobs = await consumer.claim();
      expect(idsOf(jobs)).toEqual(['a-7', 'a-8']);
      await consumer.settle(...jobs.map((job) => complete(job)));
      expect(await scene.driver.mending.obliterate(QUEUE)).toBe(0);
      await push('a-10 a-11');
      expect(await claimed(consumer)).toBe('a-10 a-11');
    });

    it('do not say that jobs wait for them while the queue is paused', async () => {
      await push('a-1 a-2 a-3');
      const consumer = scene.consume();
      await consumer.claim();
      const passing = { isOver: false };
      const pausing = scene.driver.pauses.pause(QUEUE, null).finally(() => (passing.isOver = true));
      while (!passing.isOver) await scene.advance(0.05);
      await pausing;
      expect(await consumer.poll({ limit: 10 })).toMatchObject({ jobs: [], paused: true, blocked: false });
      await scene.driver.pauses.resume(QUEUE);
      expect(await consumer.poll({ limit: 10 })).toMatchObject({ jobs: [], blocked: true });
    });

    it('count jobs that were pushed with a delay, when they are due', async () => {
      await push('a-1 a-2');
      await push('a-3 b-1', 10);
      const consumer = scene.consume();
      const [first] = await consumer.claim();
      await scene.advance(11);
      expect(await claimed(consumer)).toBe('b-1');
      expect(await counts(scene)).toEqual({ ready: 0, blocked: 1, reserved: 3 });
      await consumer.complete(first!);
      expect(await claimed(consumer)).toBe('a-3');
    });
  });

  describe('groups with a rate limit', () => {
    const scene = sceneWith({ groups: { rateLimit: { max: 3, per: 10 } } });
    const push = (ids: string, delay?: number) => pushTo(scene, ids, delay);
    /** Claims at most one job after the other at one time. */
    const claimAll = async (consumer: TestConsumer): Promise<number> => {
      let count = 0;
      while ((await consumer.claim(1)).length > 0) count++;
      return count;
    };

    it('start no more jobs than that in a window, each of them, wherever the window begins', async () => {
      await push(numbered(20, 'a').join(' '));
      const [one, two] = [scene.consume(), scene.consume()];
      expect(await one.claim(1)).toHaveLength(1);
      await scene.advance(9);
      expect((await two.claim()).length + (await one.claim()).length).toBe(2);
      await push('b-1');
      expect(await claimed(one)).toBe('b-1');
      await scene.advance(0.999);
      expect(await claimAll(one)).toBe(0);
      // The first start leaves the window, the other two do not.
      await scene.advance(0.001);
      expect(await claimAll(two)).toBe(1);
      await scene.advance(8.998);
      expect(await claimAll(one)).toBe(0);
      await scene.advance(0.002);
      expect(await claimAll(one)).toBe(2);
    });

    it('do not limit jobs without a group', async () => {
      await scene.push(numbered(20));
      expect(await scene.consume().claim()).toHaveLength(20);
    });

    it('tell when the next job may start, if one waits', async () => {
      const consumer = scene.consume();
      await push('a-1 a-2 a-3');
      expect(await consumer.poll({ limit: 3 })).toMatchObject({ nextDue: null, blocked: false });
      await scene.advance(4);
      await push('a-4');
      const result = await consumer.poll({ limit: 1 });
      expect(result).toMatchObject({ jobs: [], more: false, blocked: true, limited: true });
      expectDueIn(result.nextDue, 6);
      expect(await counts(scene)).toMatchObject({ ready: 0, blocked: 1 });
      await push('b-1');
      expect(await consumer.poll({ limit: 1 })).toMatchObject({ jobs: [{ id: 'b-1' }], more: false, blocked: true });
      await scene.advance(result.nextDue! / 1000);
      expect(await claimed(consumer)).toBe('a-4');
    });

    it('count a start that has ended, was retried, or was requeued after it had started', async () => {
      await push(numbered(6, 'a').join(' '));
      const consumer = scene.consume();
      const [a, b, c] = await consumer.claim(3);
      await consumer.settle(complete(a!), retry(b!));
      await consumer.settle(release(c!, { position: 'front' }));
      expect(await claimAll(consumer)).toBe(0);
      await scene.advance(10);
      expect(await claimAll(consumer)).toBe(3);
    });

    it.each([
      [
        'that was requeued before it started',
        (job: ClaimedJob) => release(job, { position: 'front', unstarted: true }),
      ],
      ['of an unknown name', (job: ClaimedJob) => release(job, { delay: 60, unknown: true })],
      [
        'that was cancelled before it started',
        ({ id, fence }: ClaimedJob) => ({ kind: 'cancel', id, fence, hasRun: false }) as const,
      ],
    ])('do not count the claim of a job %s', async (_, end) => {
      await push(numbered(6, 'a').join(' '));
      const consumer = scene.consume();
      const [, b] = await consumer.claim();
      expect(await consumer.settle(end(b!))).toMatchObject({ more: true });
      expect(await claimAll(consumer)).toBe(1);
      // A second copy gives nothing back.
      await consumer.settle(end(b!));
      expect(await claimAll(consumer)).toBe(0);
    });

    it('hold for recovered jobs', async () => {
      await push('a-1 a-2 a-3');
      const alive = scene.consume();
      await scene.crashWith(3, alive);
      const jobs: ClaimedJob[] = [];
      for (let i = 0; i < 5; i++) jobs.push(...(await alive.claimRecovered()));
      expect(jobs).toHaveLength(3);
      await scene.advance(5);
      await push('a-4 b-1');
      expect(await claimed(alive)).toBe('b-1');
    });

    it('keep no gate for jobs that are cancelled meanwhile', async () => {
      const consumer = scene.consume();
      await push('a-1 a-2 a-3 a-4');
      expectDueIn((await consumer.poll({ limit: 9 })).nextDue, 10);
      expect(await scene.driver.cancellations.cancel('a-4')).toBe('cancelled');
      expect(await consumer.poll({ limit: 9 })).toMatchObject({ nextDue: null, blocked: false });
      await push('a-5');
      expect(await consumer.poll({ limit: 9 })).toMatchObject({ jobs: [], blocked: true });
      await scene.advance(10);
      expect(await claimed(consumer)).toBe('a-5');
    });

    it('hand out 40 jobs in a little more than 13 windows', async () => {
      await push(numbered(40, 'a').join(' '));
      const consumer = scene.consume();
      let [count, seconds] = [0, 0];
      while (count < 40) {
        const { jobs, nextDue } = await consumer.poll({ limit: 7 });
        await consumer.settle(...jobs.map((job) => complete(job)));
        count += jobs.length;
        if (count === 40) break;
        seconds += nextDue! / 1000;
        await scene.advance(nextDue! / 1000);
      }
      expect(seconds).toBeGreaterThanOrEqual(130);
      expect(seconds).toBeLessThan(131);
    });
  });

  describe('groups with both limits, in a queue with both', () => {
    const scene = sceneWith({
      concurrency: 4,
      rateLimit: { max: 8, per: 60 },
      groups: { concurrency: 2, rateLimit: { max: 3, per: 10 } },
    });

    it('start a job only if all limits let it start', async () => {
      await pushTo(scene, 'a-1 a-2 a-3 a-4 b-1 b-2 b-3 c-1 c-2');
      const consumer = scene.consume();
      const first = await consumer.poll({ limit: 9 });
      expect(idsOf(first.jobs)).toEqual(['a-1', 'b-1', 'c-1', 'a-2']);
      expect(first).toMatchObject({ more: false, blocked: true });
      const ends = first.jobs.map((job) => complete(job));
      const second = await consumer.poll({ settlements: ends, limit: 9 });
      expect(second.jobs).toHaveLength(4);
      expect(second.jobs.filter(({ id }) => id.startsWith('a-'))).toHaveLength(1);
      // The window of the queue is full now.
      expect(await claimed(consumer)).toBe('');
      await scene.advance(10);
      expect(await claimed(consumer)).toBe('');
    });
  });

  describe('the limits of groups that an operator sets', () => {
    const scene = sceneWith({ groups: { concurrency: 1 } });
    const limits = () => scene.driver.limits;

    it('take the place of those in the options, with all other limits, until they are taken back', async () => {
      await pushTo(scene, `${numbered(20, 'a').join(' ')} ${numbered(20, 'b').join(' ')}`);
      const consumer = scene.consume();
      expect(await limits().read(QUEUE)).toEqual({
        limits: { groups: { concurrency: 1 } },
        isSet: false,
        heldUntil: null,
      });
      expect(await consumer.claim()).toHaveLength(2);
      await limits().set(QUEUE, { groups: { concurrency: 2, rateLimit: { max: 100, per: 60 } } });
      expect(await limits().read(QUEUE)).toEqual({
        limits: { groups: { concurrency: 2, rateLimit: { max: 100, per: 60 } } },
        isSet: true,
        heldUntil: null,
      });
      expect(await consumer.claim()).toHaveLength(2);
      await limits().set(QUEUE, { concurrency: 5, groups: { concurrency: 3 } });
      expect(await consumer.claim()).toHaveLength(1);
      await limits().set(QUEUE, {});
      expect(await consumer.claim(3)).toHaveLength(3);
      await limits().set(QUEUE, null);
      expect(await consumer.poll({ limit: 4 })).toMatchObject({ limited: true, blocked: true, jobs: [] });
      expect(await limits().read(QUEUE)).toEqual({
        limits: { groups: { concurrency: 1 } },
        isSet: false,
        heldUntil: null,
      });
    });

    it('wake a listener if they let a further job start', async () => {
      await pushTo(scene, 'a-1 a-2 a-3');
      const consumer = scene.consume();
      await consumer.claim();
      const listener = scene.listen();
      await Promise.all([listener.wait(1), scene.advance(0.01)]);
      await consumer.poll({ limit: 1 });
      const waiting = listener.wait(LONG);
      await limits().set(QUEUE, { groups: { concurrency: 2 } });
      expect(await waiting).toBe(QUEUE);
      await eventually(async () => (await consumer.claim()).length === 1);
    });

    it('go when the queue is removed', async () => {
      await limits().set(QUEUE, { groups: { concurrency: 5 } });
      await scene.driver.mending.obliterate(QUEUE);
      expect(await limits().read(QUEUE)).toEqual({
        limits: { groups: { concurrency: 1 } },
        isSet: false,
        heldUntil: null,
      });
    });
  });
}

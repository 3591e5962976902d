import { describe, expect, it } from '@jest/globals';
import type { ClaimedJob } from '../../lib/drivers/queue-driver.interface.js';
import { eventually } from '../support/eventually.js';
import type { DriverHarness } from './driver-harness.js';
import { expectDueIn, idsOf, numbered, QUEUE, Scene, settlement, type TestConsumer } from './scene.js';

/** Milliseconds, longer than any test. */
const LONG = 60_000;
const { complete, fail, release, retry } = settlement;

export function describeQueueLimits(harness: DriverHarness): void {
  describe('a queue with a concurrency', () => {
    const scene = new Scene(harness, undefined, undefined, { concurrency: 3 });

    it('hands out no more jobs than that, to all consumers together', async () => {
      await scene.push(numbered(5));
      const [one, two] = [scene.consume(), scene.consume()];
      expect(idsOf(await one.claim(2))).toEqual(numbered(5).slice(0, 2));
      const result = await two.poll({ limit: 10 });
      expect({ ids: idsOf(result.jobs), more: result.more }).toEqual({ ids: ['job-000002'], more: false });
      expect(await one.claim()).toEqual([]);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, blocked: 2, reserved: 3 });
    });

    it('says that it has limits, and that jobs wait only for them', async () => {
      await scene.push(numbered(4));
      const consumer = scene.consume();
      expect(await consumer.poll()).toMatchObject({ limited: true, blocked: false, more: true });
      expect(await consumer.poll({ limit: 3 })).toMatchObject({ limited: true, blocked: true, more: false });
      const jobs = await scene.consume().claim();
      expect(jobs).toEqual([]);
    });

    const ends: [string, (job: ClaimedJob) => ReturnType<typeof complete>][] = [
      ['is completed', (job) => complete(job)],
      ['fails', (job) => fail(job)],
      ['is retried', (job) => retry(job, { delay: 60 })],
      ['is released', (job) => release(job, { delay: 60 })],
      ['is requeued', (job) => release(job, { position: 'front' })],
      ['is of an unknown name', (job) => release(job, { delay: 60, unknown: true })],
      ['is cancelled', ({ id, fence }) => ({ kind: 'cancel', id, fence, hasRun: true })],
    ];
    it.each(ends)('hands out another job as soon as one %s', async (_, end) => {
      await scene.push(numbered(5));
      const [one, two] = [scene.consume(), scene.consume()];
      const [first] = await one.claim(3);
      expect(await one.settle(end(first!))).toMatchObject({ more: true, blocked: false });
      expect(await two.claim()).toHaveLength(1);
    });

    it('wakes a listener with the settlement that frees a place, and with none before', async () => {
      await scene.push(numbered(5));
      const [one, two] = [scene.consume(), scene.consume()];
      const jobs = await one.claim(3);
      const listener = scene.listen();
      // The marker of the push may still be there.
      await listener.wait(1);
      let woken = 0;
      const waiting = listener.wait(LONG).then(() => woken++);
      await one.poll();
      await two.poll({ limit: 1 });
      await scene.driver.ping();
      expect(woken).toBe(0);
      await one.complete(jobs[0]!);
      await waiting;
    });

    it('counts its ready jobs as blocked while it is full, recovered ones too', async () => {
      const counts = async () => {
        const { ready, blocked, delayed, reserved } = await scene.driver.counts(QUEUE);
        return { ready, blocked, delayed, reserved };
      };
      await scene.push(numbered(5));
      await scene.push(['late'], { delay: 20 });
      const consumer = scene.consume();
      await consumer.claim(2);
      expect(await counts()).toEqual({ ready: 3, blocked: 0, delayed: 1, reserved: 2 });
      await scene.crashWith(1, consumer);
      await consumer.poll();
      expect(await counts()).toEqual({ ready: 4, blocked: 0, delayed: 0, reserved: 2 });
      const [job] = await consumer.claim(1);
      expect(await counts()).toEqual({ ready: 0, blocked: 3, delayed: 0, reserved: 3 });
      await scene.driver.limits.set(QUEUE, { concurrency: 4 });
      expect(await counts()).toEqual({ ready: 3, blocked: 0, delayed: 0, reserved: 3 });
      await scene.driver.limits.set(QUEUE, { concurrency: 2 });
      expect(await counts()).toEqual({ ready: 0, blocked: 3, delayed: 0, reserved: 3 });
      await scene.driver.limits.set(QUEUE, null);
      await consumer.complete(job!);
      expect(await counts()).toEqual({ ready: 3, blocked: 0, delayed: 0, reserved: 2 });
    });

    it('claims for the place that the same poll frees', async () => {
      await scene.push(numbered(5));
      const consumer = scene.consume();
      const [first] = await consumer.claim(3);
      const { jobs, more } = await consumer.poll({ settlements: [complete(first!)], limit: 5 });
      expect({ ids: idsOf(jobs), more }).toEqual({ ids: ['job-000003'], more: false });
    });

    it('hands out the places of a lost consumer when its lease has run out', async () => {
      await scene.push(numbered(6));
      const alive = scene.consume();
      await scene.crashWith(3, alive);
      const { jobs } = await alive.poll({ limit: 10, recovered: true });
      expect(jobs).toHaveLength(3);
      expect(await alive.claimRecovered()).toEqual([]);
      expect(await alive.poll({ limit: 1, recovered: true })).toMatchObject({ recovered: false, blocked: true });
    });

    it('gives a place to no settlement that comes twice', async () => {
      await scene.push(numbered(6));
      const consumer = scene.consume();
      const [first] = await consumer.claim(3);
      await consumer.complete(first!);
      await consumer.complete(first!);
      expect(await consumer.claim()).toHaveLength(1);
    });

    it('does not say that jobs wait for it while it is paused', async () => {
      await scene.push(numbered(6));
      const consumer = scene.consume();
      await scene.driver.pauses.pause(QUEUE, null);
      expect(await consumer.poll({ limit: 10 })).toMatchObject({ jobs: [], paused: true, blocked: false });
      await scene.driver.pauses.resume(QUEUE);
      expect(await consumer.claim()).toHaveLength(3);
    });

    it('counts jobs of other queues apart', async () => {
      await scene.push(numbered(6));
      await scene.push(numbered(6, 'other'), { queue: 'other' });
      expect(await scene.consume().claim()).toHaveLength(3);
      expect(await scene.consume({ queue: 'other' }).claim()).toHaveLength(3);
    });
  });

  describe('a queue with a rate limit', () => {
    const scene = new Scene(harness, undefined, undefined, { rateLimit: { max: 3, per: 10 } });

    /** Claims at most one job after the other at one time. */
    const claimAll = async (consumer: TestConsumer): Promise<number> => {
      let count = 0;
      while ((await consumer.claim(1)).length > 0) count++;
      return count;
    };

    it('starts no more jobs than that in a window, wherever the window begins', async () => {
      await scene.push(numbered(20));
      const [one, two] = [scene.consume(), scene.consume()];
      expect(await one.claim(1)).toHaveLength(1);
      await scene.advance(9);
      expect((await two.claim()).length + (await one.claim()).length).toBe(2);
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

    it('counts its ready jobs as blocked while the window is full, also if it is paused', async () => {
      const counts = async () => {
        const { ready, blocked, reserved } = await scene.driver.counts(QUEUE);
        return { ready, blocked, reserved };
      };
      await scene.push(numbered(6));
      const consumer = scene.consume();
      await consumer.settle(...(await consumer.claim(2)).map((job) => complete(job)));
      expect(await counts()).toEqual({ ready: 4, blocked: 0, reserved: 0 });
      const [job] = await consumer.claim();
      expect(await counts()).toEqual({ ready: 0, blocked: 3, reserved: 1 });
      const passing = { isOver: false };
      const pausing = scene.driver.pauses.pause(QUEUE, null).finally(() => (passing.isOver = true));
      await consumer.settle(complete(job!));
      while (!passing.isOver) await scene.advance(0.05);
      await pausing;
      expect(await counts()).toEqual({ ready: 0, blocked: 3, reserved: 0 });
      await scene.advance(10);
      expect(await counts()).toEqual({ ready: 3, blocked: 0, reserved: 0 });
    });

    it('tells when the next job may start, if one waits', async () => {
      const consumer = scene.consume();
      await scene.push(numbered(3));
      const { nextDue, blocked } = await consumer.poll({ limit: 3 });
      expect({ nextDue, blocked }).toEqual({ nextDue: null, blocked: false });
      await scene.advance(4);
      await scene.push(numbered(1, 'late'));
      const result = await consumer.poll({ limit: 1 });
      expect(result).toMatchObject({ jobs: [], more: false, blocked: true, limited: true });
      expectDueIn(result.nextDue, 6);
      await scene.advance(result.nextDue! / 1000);
      expect(idsOf(await consumer.claim())).toEqual(['late-000000']);
    });

    it('counts a start that has ended, was retried or was recovered', async () => {
      await scene.push(numbered(6));
      const consumer = scene.consume();
      const [a, b, c] = await consumer.claim(3);
      await consumer.settle(complete(a!), retry(b!), release(c!));
      expect(await claimAll(consumer)).toBe(0);
      await scene.advance(10);
      expect(await claimAll(consumer)).toBe(3);
    });

    it.each([
      ['that was requeued before it started', { position: 'front', unstarted: true }],
      ['of an unknown name', { delay: 60, unknown: true }],
    ] as const)('does not count the claim of a job %s', async (_, options) => {
      await scene.push(numbered(6));
      const consumer = scene.consume();
      const [, b] = await consumer.claim(3);
      await consumer.release(b!, options);
      expect(await claimAll(consumer)).toBe(1);
      // A second copy gives nothing back.
      await consumer.release(b!, options);
      expect(await claimAll(consumer)).toBe(0);
    });

    it('does not count the claim of a job that was cancelled before it started', async () => {
      await scene.push(numbered(6));
      const consumer = scene.consume();
      const [a, b] = await consumer.claim(3);
      await consumer.settle({ kind: 'cancel', id: a!.id, fence: a!.fence, hasRun: false });
      await consumer.settle({ kind: 'cancel', id: b!.id, fence: b!.fence, hasRun: true });
      expect(await claimAll(consumer)).toBe(1);
    });

    it('takes back the start of that very job', async () => {
      await scene.push(numbered(20));
      const consumer = scene.consume();
      const [a] = await consumer.claim(1);
      await scene.advance(4);
      const [b] = await consumer.claim(1);
      await scene.advance(4);
      await consumer.claim(1);
      await consumer.release(b!, { position: 'front', unstarted: true });
      expect(await claimAll(consumer)).toBe(1);
      await scene.advance(2);
      expect(await claimAll(consumer)).toBe(1);
      // The start of the requeued job would leave the window now.
      await scene.advance(4);
      expect(await claimAll(consumer)).toBe(0);
      await scene.advance(4);
      expect(await claimAll(consumer)).toBe(2);
      // This start has left the window long ago.
      await consumer.release(a!, { position: 'front', unstarted: true });
      expect(await claimAll(consumer)).toBe(0);
    });

    it('counts a job that was requeued after it had started', async () => {
      await scene.push(numbered(6));
      const consumer = scene.consume();
      const [, b] = await consumer.claim(3);
      await consumer.release(b!, { position: 'front' });
      expect(await claimAll(consumer)).toBe(0);
    });

    it('holds for recovered jobs', async () => {
      await scene.push(numbered(3));
      const alive = scene.consume();
      await scene.crashWith(3, alive);
      const claimed = [];
      for (let i = 0; i < 5; i++) claimed.push(...(await alive.claimRecovered()));
      expect(claimed).toHaveLength(3);
      await scene.advance(5);
      await scene.push(numbered(1, 'late'));
      expect(await alive.claim()).toEqual([]);
    });

    it('hands out 40 jobs in a little more than 13 windows', async () => {
      await scene.push(numbered(40));
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

  describe('a queue with both limits', () => {
    const scene = new Scene(harness, undefined, undefined, { concurrency: 2, rateLimit: { max: 3, per: 10 } });

    it('starts a job only if both let it start', async () => {
      await scene.push(numbered(10));
      const consumer = scene.consume();
      const first = await consumer.poll({ limit: 5 });
      expect(first.jobs).toHaveLength(2);
      // Only a settlement can let the next job start.
      expect(first).toMatchObject({ blocked: true, nextDue: null });
      const settlements = first.jobs.map((job) => complete(job));
      const second = await consumer.poll({ settlements, limit: 5 });
      expect(second.jobs).toHaveLength(1);
      expectDueIn(second.nextDue, 10);
      await scene.advance(10);
      expect(await consumer.claim()).toHaveLength(1);
    });
  });

  describe('the limits that an operator sets', () => {
    const scene = new Scene(harness, undefined, undefined, { concurrency: 3 });
    const limits = () => scene.driver.limits;

    it('take the place of those in the options, larger and smaller ones, until they are taken back', async () => {
      await scene.push(numbered(20));
      const consumer = scene.consume();
      expect(await limits().read(QUEUE)).toEqual({ limits: { concurrency: 3 }, isSet: false, heldUntil: null });
      expect(await consumer.claim()).toHaveLength(3);
      await limits().set(QUEUE, { concurrency: 5 });
      expect(await limits().read(QUEUE)).toEqual({ limits: { concurrency: 5 }, isSet: true, heldUntil: null });
      expect(await consumer.claim()).toHaveLength(2);
      await limits().set(QUEUE, { concurrency: 1, rateLimit: { max: 2, per: 60 } });
      expect(await consumer.claim()).toEqual([]);
      await limits().set(QUEUE, {});
      expect(await consumer.poll({ limit: 4 })).toMatchObject({ limited: false, more: true });
      await limits().set(QUEUE, null);
      expect(await consumer.poll({ limit: 4 })).toMatchObject({ limited: true, blocked: true, jobs: [] });
      expect(await limits().read(QUEUE)).toEqual({ limits: { concurrency: 3 }, isSet: false, heldUntil: null });
    });

    it('stay after days of quiet', async () => {
      await limits().set(QUEUE, { concurrency: 1 });
      await scene.push(numbered(3));
      await scene.advance(3 * 86_400);
      expect(await scene.consume().claim()).toHaveLength(1);
    });

    it('wake a listener, and call the consumers', async () => {
      await scene.push(numbered(9));
      let calls = 0;
      const consumer = scene.consume({ onSignal: () => calls++ });
      await consumer.claim();
      const listener = scene.listen();
      await listener.wait(1);
      await consumer.poll({ limit: 1 });
      const waiting = listener.wait(LONG);
      await limits().set(QUEUE, { concurrency: 4 });
      expect(await waiting).toBe(QUEUE);
      await eventually(async () => {
        await limits().set(QUEUE, { concurrency: 4 });
        return calls > 0;
      });
    });

    it('give no start back that nobody counted', async () => {
      await scene.push(numbered(20));
      const consumer = scene.consume();
      await limits().set(QUEUE, { rateLimit: { max: 3, per: 60 } });
      await consumer.claim(1);
      await limits().set(QUEUE, {});
      const [job] = await consumer.claim(1);
      await limits().set(QUEUE, { rateLimit: { max: 3, per: 60 } });
      await consumer.release(job!, { position: 'front', unstarted: true });
      expect(await consumer.claim()).toHaveLength(2);
    });

    it('go when the queue is removed', async () => {
      await limits().set(QUEUE, { concurrency: 1 });
      await scene.push(numbered(3));
      await scene.driver.mending.obliterate(QUEUE);
      expect(await limits().read(QUEUE)).toEqual({ limits: { concurrency: 3 }, isSet: false, heldUntil: null });
    });

    it('are refused after the driver was closed', async () => {
      await scene.driver.close();
      await expect(limits().set(QUEUE, null)).rejects.toThrow('closed');
      await expect(limits().read(QUEUE)).rejects.toThrow('closed');
    });
  });

  describe('a queue without limits', () => {
    const scene = new Scene(harness);

    it('says so', async () => {
      await scene.push(numbered(5));
      expect(await scene.consume().poll({ limit: 2 })).toMatchObject({ limited: false, blocked: false, more: true });
    });
  });
}

import { describe, expect, it } from '@jest/globals';
import type { ClaimedJob, PollResult } from '../../lib/drivers/queue-driver.interface.js';
import { eventually } from '../support/eventually.js';
import type { DriverHarness } from './driver-harness.js';
import { expectDueIn, idsOf, numbered, QUEUE, Scene, settlement, type TestConsumer } from './scene.js';

/** Milliseconds, longer than any test. */
const LONG = 60_000;

export function describeHold(harness: DriverHarness): void {
  describe('a queue that a released job holds back', () => {
    const scene = new Scene(harness);

    const hold = (consumer: TestConsumer, job: ClaimedJob, delay = 30): Promise<PollResult> =>
      consumer.release(job, { delay, hold: 'queue' });

    /** Claims the first of some jobs, and releases it so that it holds the queue back. */
    const begin = async (count = 3, delay = 30): Promise<TestConsumer> => {
      await scene.push(numbered(count));
      const consumer = scene.consume();
      await hold(consumer, await consumer.claimOne(), delay);
      return consumer;
    };

    it('hands out no job to any consumer before its time is over, then all', async () => {
      const one = await begin();
      const two = scene.consume();
      for (const seconds of [0, 29.999]) {
        await scene.advance(seconds);
        for (const consumer of [one, two]) {
          const result = await consumer.poll({ limit: 10, recovered: true });
          expect(result).toMatchObject({ jobs: [], held: true, blocked: true, more: false, paused: false });
        }
      }
      await scene.advance(0.001);
      const { jobs, held, blocked } = await two.poll({ limit: 10 });
      expect({ ids: idsOf(jobs), held, blocked }).toEqual({
        ids: ['job-000001', 'job-000002', 'job-000000'],
        held: false,
        blocked: false,
      });
    });

    it('counts its ready jobs as blocked meanwhile, and those that are due', async () => {
      const consumer = await begin(3, 30);
      await scene.push(['soon'], { delay: 10 });
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, blocked: 2, delayed: 2 });
      await scene.advance(11);
      await consumer.poll();
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, blocked: 3, delayed: 1 });
      await scene.driver.limits.endHold(QUEUE);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 3, blocked: 0, delayed: 1 });
    });

    it('counts the release, and not the attempt', async () => {
      const consumer = await begin(1);
      expect(await scene.driver.getStatus('job-000000')).toMatchObject({ state: 'delayed', attempt: 0 });
      await scene.advance(30);
      expect(await consumer.claimOne()).toMatchObject({ attempt: 1, releases: 1 });
    });

    it('hands out nothing to the poll that brings the release', async () => {
      await scene.push(numbered(3));
      const consumer = scene.consume();
      const job = await consumer.claimOne();
      const settlements = [settlement.release(job, { delay: 30, hold: 'queue' })];
      expect(await consumer.poll({ settlements, limit: 5 })).toMatchObject({ jobs: [], held: true, more: false });
    });

    it('tells when it ends to a consumer that could claim, and to none if no job waits', async () => {
      const consumer = await begin();
      await scene.advance(12);
      expectDueIn((await consumer.poll({ limit: 1 })).nextDue, 18);
      await scene.advance(18);
      const [a, ...others] = await consumer.claim();
      await consumer.settle(...others.map((job) => settlement.complete(job)));
      await hold(consumer, a!, 60);
      await scene.driver.clear(QUEUE);
      expect(await consumer.poll({ limit: 1 })).toMatchObject({ held: true, blocked: false, nextDue: null });
    });

    it.each([
      ['a longer', 60, 60],
      ['a shorter', 10, 30],
    ])('goes on as long as %s hold says', async (_, second, seconds) => {
      await scene.push(numbered(3));
      const [one, two] = [scene.consume(), scene.consume()];
      const [first] = await one.claim(1);
      const [other] = await two.claim(1);
      await hold(one, first!);
      await hold(two, other!, second);
      await scene.advance(seconds - 0.001);
      expect(await one.claim()).toEqual([]);
      await scene.advance(0.001);
      expect(await one.claim()).not.toEqual([]);
    });

    it('hands out no recovered job', async () => {
      await scene.push(numbered(2));
      const alive = scene.consume();
      const job = await alive.claimOne();
      await scene.crashWith(1, alive);
      await hold(alive, job);
      expect(await alive.poll({ limit: 1, recovered: true })).toMatchObject({ jobs: [], recovered: false, held: true });
      await scene.advance(30);
      expect(await alive.claimRecovered()).toHaveLength(1);
    });

    it('is held back by nobody who does not hold the job', async () => {
      await scene.push(numbered(3));
      const consumer = scene.consume();
      const job = await consumer.claimOne();
      await consumer.complete(job);
      expect(await hold(consumer, job)).toMatchObject({ refused: [job.id], held: false });
      expect(await consumer.claim()).toHaveLength(2);
    });

    it('is held back by a job that was cancelled meanwhile: that job ends when its turn comes', async () => {
      await scene.push(numbered(2));
      const consumer = scene.consume();
      const job = await consumer.claimOne();
      await scene.driver.cancellations.cancel(job.id, undefined);
      expect(await hold(consumer, job)).toMatchObject({ held: true });
      await scene.advance(30);
      expect(idsOf(await consumer.claim())).toEqual(['job-000001', 'job-000000']);
    });

    it.each([
      [
        'a pause and its end',
        async () => {
          await scene.driver.pauses.pause(QUEUE, null);
          await scene.driver.pauses.resume(QUEUE);
        },
      ],
      ['a pause that ends earlier', () => scene.driver.pauses.pause(QUEUE, 1_000)],
      ['new limits', () => scene.driver.limits.set(QUEUE, { concurrency: 5 })],
      ['the end of its limits', () => scene.driver.limits.set(QUEUE, null)],
      [
        'clear()',
        async () => {
          await scene.driver.clear(QUEUE);
          await scene.push(['late']);
        },
      ],
      ['the loss of its consumer', (consumer: TestConsumer) => scene.outlive(consumer, scene.consume())],
    ])('stays so over %s', async (_, act) => {
      const consumer = await begin(3, 300);
      await act(consumer);
      await scene.advance(100);
      expect(await scene.consume().poll({ limit: 10 })).toMatchObject({ jobs: [], held: true });
      await scene.advance(200);
      expect(await scene.consume().claim()).not.toEqual([]);
    });

    it('wakes no listener for the jobs that wait', async () => {
      await scene.push(numbered(3));
      const consumer = scene.consume();
      const job = await consumer.claimOne();
      const listener = scene.listen();
      await listener.wait(1);
      let woken = 0;
      const waiting = listener.wait(LONG).then(() => woken++);
      await hold(consumer, job);
      await scene.consume().poll({ limit: 1 });
      await scene.driver.ping();
      expect(woken).toBe(0);
      await scene.driver.limits.endHold(QUEUE);
      await waiting;
    });

    it('calls its consumers: they may have claimed jobs that they have not started', async () => {
      let calls = 0;
      const other = scene.consume({ onSignal: () => calls++ });
      const consumer = scene.consume();
      await scene.push(numbered(100));
      let seconds = 1;
      // The subscription may arrive after the first hold.
      await eventually(async () => {
        await hold(consumer, await consumer.claimOne(), (seconds += 1));
        await scene.driver.limits.endHold(QUEUE);
        return calls > 0;
      });
      await hold(consumer, await consumer.claimOne());
      expect(await other.poll()).toMatchObject({ held: true, paused: false });
    });

    it('hands out its jobs when an operator ends the hold', async () => {
      const consumer = await begin();
      expect((await scene.driver.limits.read(QUEUE)).heldUntil).not.toBeNull();
      expect(await scene.driver.limits.endHold(QUEUE)).toBe(true);
      expect(await scene.driver.limits.endHold(QUEUE)).toBe(false);
      expect(await scene.driver.limits.read(QUEUE)).toMatchObject({ heldUntil: null, isSet: false });
      expect(idsOf(await consumer.claim())).toEqual(['job-000001', 'job-000002']);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ delayed: 1 });
    });

    it('is held back no more when it was removed', async () => {
      const consumer = await begin();
      await scene.driver.mending.obliterate(QUEUE);
      await scene.push(['new']);
      expect(idsOf(await consumer.claim())).toEqual(['new']);
    });

    it('leaves other queues alone', async () => {
      await begin();
      await scene.push(['a'], { queue: 'other' });
      expect(idsOf(await scene.consume({ queue: 'other' }).claim())).toEqual(['a']);
    });

    it('is not held back by a release without a delay', async () => {
      const consumer = await begin(3, 0);
      expect(await consumer.poll({ limit: 10 })).toMatchObject({ held: false, nextDue: null });
    });
  });

  describe('a group that a released job holds back', () => {
    const scene = new Scene(harness);

    const pushTo = (group: string | undefined, ...ids: string[]) =>
      scene.driver.push(
        QUEUE,
        ids.map((id) => ({ id, body: id, delay: 0, isGenerated: true, traits: group === undefined ? {} : { group } })),
        true,
      );
    const hold = (consumer: TestConsumer, job: ClaimedJob, delay = 30): Promise<PollResult> =>
      consumer.release(job, { delay, hold: 'group' });
    /** The first job of the group `a` holds the second one back. */
    const begin = async (delay = 30): Promise<TestConsumer> => {
      await pushTo('a', 'a1', 'a2');
      const consumer = scene.consume();
      await hold(consumer, await consumer.claimOne(), delay);
      return consumer;
    };

    it('gives no job before its time is over, and other jobs start meanwhile', async () => {
      const consumer = await begin();
      await pushTo('b', 'b1');
      await pushTo(undefined, 'plain');
      expect(idsOf(await consumer.claim()).toSorted()).toEqual(['b1', 'plain']);
      await pushTo('a', 'a3');
      expect(await scene.consume().poll({ limit: 10 })).toMatchObject({
        jobs: [],
        held: false,
        blocked: true,
        more: false,
      });
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, blocked: 2, delayed: 1 });
      await scene.advance(29.999);
      expect(await consumer.claim()).toEqual([]);
      await scene.advance(0.001);
      expect(idsOf(await consumer.claim()).toSorted()).toEqual(['a1', 'a2', 'a3']);
    });

    it('tells when that is', async () => {
      const consumer = await begin();
      await scene.advance(12);
      expectDueIn((await consumer.poll({ limit: 1 })).nextDue, 18);
    });

    it.each([
      ['a longer', 60, 60],
      ['a shorter', 10, 30],
    ])('waits as long as %s hold says', async (_, second, seconds) => {
      await pushTo('a', 'a1', 'a2', 'a3');
      const consumer = scene.consume();
      const [first, other] = await consumer.claim(2);
      await hold(consumer, first!);
      await hold(consumer, other!, second);
      await scene.advance(seconds - 0.001);
      expect(idsOf(await consumer.claim())).not.toContain('a3');
      await scene.advance(0.001);
      expect(idsOf(await consumer.claim())).toContain('a3');
    });

    it('gives no recovered job', async () => {
      await pushTo('a', 'a1', 'a2');
      const alive = scene.consume();
      const job = await alive.claimOne();
      await scene.crashWith(1, alive);
      await hold(alive, job);
      expect(await alive.poll({ limit: 1, recovered: true })).toMatchObject({
        jobs: [],
        recovered: false,
        blocked: true,
      });
      await scene.advance(30);
      expect(await alive.claimRecovered()).toHaveLength(1);
    });

    it('waits on when limits are set, and the queue is paused and resumed', async () => {
      const consumer = await begin();
      await scene.driver.limits.set(QUEUE, { groups: { concurrency: 5 } });
      await scene.driver.pauses.pause(QUEUE, null);
      await scene.driver.pauses.resume(QUEUE);
      expect(await consumer.claim()).toEqual([]);
      await scene.driver.limits.set(QUEUE, null);
      expect(await consumer.claim()).toEqual([]);
      await scene.advance(30);
      expect(await consumer.claim()).toHaveLength(2);
    });

    it('goes on when an operator ends the hold', async () => {
      const consumer = await begin();
      expect(await consumer.claim()).toEqual([]);
      expect(await scene.driver.limits.endHold(QUEUE)).toBe(true);
      expect(await scene.driver.limits.endHold(QUEUE)).toBe(false);
      expect(idsOf(await consumer.claim())).toEqual(['a2']);
    });

    it('is held back no more when the queue was removed', async () => {
      const consumer = await begin();
      await scene.driver.mending.obliterate(QUEUE);
      await pushTo('a', 'new');
      expect(idsOf(await consumer.claim())).toEqual(['new']);
    });
  });

  describe('a job without a group that holds its group back', () => {
    const scene = new Scene(harness);

    it('waits alone', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      const job = await consumer.claimOne();
      expect(await consumer.release(job, { delay: 30, hold: 'group' })).toMatchObject({ held: false, more: true });
      expect(idsOf(await consumer.claim())).toEqual(['b']);
      await scene.advance(30);
      expect(await consumer.claimOne()).toMatchObject({ id: 'a', releases: 1 });
    });
  });

  describe('a queue with a rate limit that a released job holds back', () => {
    const scene = new Scene(harness, undefined, undefined, { rateLimit: { max: 2, per: 100 } });

    it('starts a job only if both let it start', async () => {
      await scene.push(numbered(5));
      const consumer = scene.consume();
      const [job] = await consumer.claim(2);
      await consumer.release(job!, { delay: 30, hold: 'queue' });
      expectDueIn((await consumer.poll({ limit: 1 })).nextDue, 30);
      await scene.advance(30);
      const result = await consumer.poll({ limit: 1 });
      expect(result).toMatchObject({ jobs: [], held: false, blocked: true });
      expectDueIn(result.nextDue, 70);
      await scene.advance(70);
      expect(await consumer.claim()).toHaveLength(2);
    });
  });
}

import { describe, expect, it } from '@jest/globals';
import type { ClaimedJob } from '../../lib/drivers/queue-driver.interface.js';
import type { DriverHarness } from './driver-harness.js';
import { groupedJobs } from './groups.contract.js';
import { expectDueIn, idsOf, QUEUE, Scene, settlement, type TestConsumer } from './scene.js';

const { complete, fail, release, retry } = settlement;

export function describeOrderedGroups(harness: DriverHarness): void {
  describe('groups in strict order', () => {
    const scene = new Scene(harness, undefined, undefined, { groups: { concurrency: 1, ordered: true } });

    const push = (ids: string, delay = 0) => scene.driver.push(QUEUE, groupedJobs(ids.split(' '), delay), true);
    const claimed = async (consumer: TestConsumer, limit = 100): Promise<string> =>
      idsOf(await consumer.claim(limit)).join(' ');
    const counts = async () => {
      const { ready, blocked, delayed, reserved } = await scene.driver.counts(QUEUE);
      return { ready, blocked, delayed, reserved };
    };
    /** Claims jobs one by one, and completes them. */
    const drain = async (consumer: TestConsumer): Promise<string> => {
      const ids: string[] = [];
      for (;;) {
        const [job] = await consumer.claim(1);
        if (!job) return ids.join(' ');
        ids.push(job.id);
        await consumer.settle(complete(job));
      }
    };

    const waits: [string, (job: ClaimedJob) => ReturnType<typeof complete>][] = [
      ['its next attempt', (job) => retry(job, { delay: 10 })],
      ['its turn after a release', (job) => release(job, { delay: 10 })],
      ['a worker that knows its name', (job) => release(job, { delay: 10, unknown: true })],
    ];
    it.each(waits)('wait while their first job waits for %s', async (_, settle) => {
      await push('a-1 a-2 b-1 1');
      const consumer = scene.consume();
      const jobs = await consumer.claim();
      expect(jobs).toHaveLength(3);
      const settlements = jobs.map((job) => (job.id === 'a-1' ? settle(job) : complete(job)));
      const result = await consumer.settle(...settlements);
      expect(result).toMatchObject({ more: false, blocked: true });
      expectDueIn(result.nextDue, 10);
      expect(await counts()).toEqual({ ready: 0, blocked: 1, delayed: 1, reserved: 0 });
      await push('a-3 c-1');
      expect(await claimed(consumer)).toBe('c-1');
      await scene.advance(11);
      const [first] = await consumer.claim();
      expect(first).toMatchObject({ id: 'a-1' });
      expect(await claimed(consumer)).toBe('');
      await consumer.complete(first!);
      expect(await drain(consumer)).toBe('a-2 a-3');
    });

    it.each([
      ['a retry', (job: ClaimedJob) => retry(job)],
      ['a release', (job: ClaimedJob) => release(job)],
      ['a requeue', (job: ClaimedJob) => release(job, { position: 'front' })],
    ])('give their first job again after %s without a delay', async (_, settle) => {
      await push('a-1 a-2 a-3');
      const consumer = scene.consume();
      await consumer.settle(settle(await consumer.claimOne()));
      expect(await drain(consumer)).toBe('a-1 a-2 a-3');
    });

    it('do not wait for a job that has not started: it is behind those that are due before', async () => {
      await push('a-1', 10);
      await push('a-2');
      const consumer = scene.consume();
      expect(await drain(consumer)).toBe('a-2');
      await scene.advance(11);
      expect(await drain(consumer)).toBe('a-1');
    });

    it('wait while their first job waits for its recovery, and until it has ended', async () => {
      await push('a-1 a-2 b-1');
      const alive = scene.consume();
      const stalled = scene.consume();
      const jobs = await stalled.claim(1);
      expect(idsOf(jobs)).toEqual(['a-1']);
      await scene.outlive(stalled, alive);
      expect(await claimed(alive)).toBe('b-1');
      expect(await alive.poll({ limit: 5 })).toMatchObject({ jobs: [], more: false, recovered: true });
      const [job] = await alive.claimRecovered();
      expect(job).toMatchObject({ id: 'a-1', crashes: 1 });
      expect(await claimed(alive)).toBe('');
      await alive.settle(retry(job!, { delay: 5 }));
      expect(await claimed(alive)).toBe('');
      await scene.advance(6);
      expect(await claimed(alive)).toBe('');
      const [again] = await alive.claimRecovered();
      expect(again).toMatchObject({ id: 'a-1' });
      await alive.settle(retry(again!));
      expect(await claimed(alive)).toBe('');
      const [last] = await alive.claimRecovered();
      await alive.complete(last!);
      expect(await drain(alive)).toBe('a-2');
    });

    it.each([
      ['is cancelled', () => scene.driver.cancellations.cancel('a-1')],
      ['is removed', () => scene.driver.mending.remove(QUEUE, ['a-1'])],
    ])('go on when the job for which they wait %s', async (_, end) => {
      await push('a-1 a-2');
      const consumer = scene.consume();
      await consumer.settle(retry(await consumer.claimOne(), { delay: 60 }));
      expect(await claimed(consumer)).toBe('');
      await end();
      expect(await counts()).toEqual({ ready: 1, blocked: 0, delayed: 0, reserved: 0 });
      expect(await drain(consumer)).toBe('a-2');
    });

    it('go on when it has failed, and do not wait for it when an operator puts it back', async () => {
      await push('a-1 a-2');
      const consumer = scene.consume();
      await consumer.settle(fail(await consumer.claimOne()));
      await push('a-3');
      expect(await scene.driver.mending.retry(QUEUE, ['a-1'])).toBe(1);
      expect(await drain(consumer)).toBe('a-2 a-3 a-1');
    });

    it('wait for as long as an operator says, and begin with that job', async () => {
      await push('a-1 a-2');
      const consumer = scene.consume();
      await consumer.settle(retry(await consumer.claimOne(), { delay: 10 }));
      expect(await scene.driver.mending.reschedule(QUEUE, 'a-1', 60)).toBe(true);
      await scene.advance(11);
      expect(await claimed(consumer)).toBe('');
      expect(await scene.driver.mending.promote(QUEUE, 'a-1')).toBe(true);
      expect(await counts()).toEqual({ ready: 2, blocked: 0, delayed: 0, reserved: 0 });
      expect(await drain(consumer)).toBe('a-1 a-2');
    });

    it('leave nothing when the queue is cleared or removed', async () => {
      await push('a-1 a-2 b-1');
      const consumer = scene.consume();
      const [a1, b1] = await consumer.claim();
      await consumer.settle(retry(a1!, { delay: 60 }), complete(b1!));
      expect(await scene.driver.clear(QUEUE)).toBe(2);
      await push('a-3');
      expect(await drain(consumer)).toBe('a-3');
      await push('a-4 a-5');
      await consumer.settle(retry(await consumer.claimOne(), { delay: 60 }));
      expect(await scene.driver.mending.obliterate(QUEUE)).toBe(0);
      await push('a-6');
      expect(await drain(consumer)).toBe('a-6');
    });

    it('are told by the limits of the queue', async () => {
      const groups = { concurrency: 1, ordered: true } as const;
      expect(await scene.driver.limits.read(QUEUE)).toMatchObject({ limits: { groups }, isSet: false });
      await scene.driver.limits.set(QUEUE, { groups });
      expect(await scene.driver.limits.read(QUEUE)).toMatchObject({ limits: { groups }, isSet: true });
    });

    it('go on when the order is not strict any more', async () => {
      await push('a-1 a-2');
      const consumer = scene.consume();
      await consumer.settle(retry(await consumer.claimOne(), { delay: 60 }));
      await scene.driver.limits.set(QUEUE, { groups: { concurrency: 1 } });
      await consumer.poll();
      expect(await drain(consumer)).toBe('a-2');
    });
  });
}

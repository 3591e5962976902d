import { describe, expect, it } from '@jest/globals';
import { createJobId } from '../../lib/job/job-id.js';
import { JobIdConflictError } from '../../lib/queue.errors.js';
import type { DriverHarness } from './driver-harness.js';
import { complete, fail, idsOf, QUEUE, Scene, STATUS_TTL, type TestConsumer } from './scene.js';

/** A text that ends with half a character: some readers of JSON refuse it. */
const HALF = 'x\ud83d';
/** A value that is deeper than some readers of JSON read. */
const DEEP = '['.repeat(1_500) + ']'.repeat(1_500);

interface Wish {
  readonly queue?: string;
  readonly name?: string;
  readonly delay?: number;
  readonly replacesEnded?: boolean;
}

/** Tests the ids that the application gives. */
export function describeIds(harness: DriverHarness): void {
  describe.each([
    ['kept', STATUS_TTL],
    ['not kept', 0],
  ])('ids of the application, while statuses are %s', (_, statusTtl) => {
    const scene = new Scene(harness, statusTtl);
    const isKept = statusTtl > 0;

    const push = async (id: string | readonly string[], wish: Wish = {}): Promise<JobIdConflictError | undefined> => {
      const { queue = QUEUE, name = 'Invoice', delay = 0, replacesEnded } = wish;
      const jobs = [id].flat().map((each) => ({ id: each, body: `h${name}\n{}`, delay, name, replacesEnded }));
      try {
        await scene.driver.push(queue, jobs, true);
        return undefined;
      } catch (error) {
        if (error instanceof JobIdConflictError) return error;
        throw error;
      }
    };
    const counts = (queue = QUEUE) => scene.driver.counts(queue);
    const end = async (consumer: TestConsumer, kind: 'complete' | 'fail' = 'complete') => {
      const job = await consumer.claimOne();
      await consumer.settle(kind === 'complete' ? complete(job) : fail(job));
    };

    it('may have any characters that are allowed', async () => {
      const ids = [
        'a:b/c.d^e=f@g+h,i',
        'a~',
        '__proto__',
        'ä😀',
        '%s\\"',
        `${'x'.repeat(255)}y`,
        'default:delayed',
        '0',
      ];
      const consumer = scene.consume();
      await push(ids);
      await push(ids);
      const jobs = await consumer.claim(3);
      expect(idsOf(jobs)).toEqual(ids.slice(0, 3));
      const { refused } = await consumer.settle(
        complete(jobs[0]!),
        fail(jobs[1]!),
        complete({ ...jobs[2]!, fence: 1 }),
      );
      expect(refused).toEqual([ids[2]]);
      for (const id of ids.slice(isKept ? 0 : 2)) expect(await scene.driver.getStatus(id)).not.toBeNull();
      expect(idsOf(await consumer.drain())).toEqual(ids.slice(3));
    });

    it.each([
      ['waits', 0],
      ['is delayed', 60],
    ])('are refused for another name and another queue while the job %s', async (_state, delay) => {
      await push('a', { delay });
      expect(await push('a', { name: 'Letter' })).toMatchObject({
        code: 'ERR_JOB_ID_CONFLICT',
        jobId: 'a',
        asked: { queue: QUEUE, name: 'Letter' },
        found: { queue: QUEUE, name: 'Invoice' },
        message: expect.stringContaining('"a"'),
      });
      expect(await push('a', { queue: 'images' })).toMatchObject({ found: { queue: QUEUE, name: 'Invoice' } });
      expect(await push('a', { queue: 'images', replacesEnded: true })).toBeInstanceOf(JobIdConflictError);
      expect(await push('a', { name: 'Letter', replacesEnded: true })).toBeInstanceOf(JobIdConflictError);
      expect(await push('a', { replacesEnded: true })).toBeUndefined();
      expect(await counts('images')).toMatchObject({ ready: 0 });
      expect(await counts()).toMatchObject(delay === 0 ? { ready: 1 } : { delayed: 1 });
    });

    it('are refused for another name and another queue while the job runs, is retried, or was recovered', async () => {
      const refuses = async (): Promise<void> => {
        expect(await push('a', { name: 'Letter' })).toMatchObject({ found: { queue: QUEUE, name: 'Invoice' } });
        expect(await push('a', { queue: 'images' })).toMatchObject({ found: { queue: QUEUE, name: 'Invoice' } });
        expect(await push('a')).toBeUndefined();
      };
      const alive = scene.consume();
      await alive.poll();
      await push('a');
      const lost = scene.consume();
      const job = await lost.claimOne();
      await refuses();
      await lost.settle({ kind: 'retry', id: 'a', fence: job.fence, error: 'again', delay: 0 });
      await refuses();
      await lost.claimOne();
      await scene.outlive(lost, alive);
      await refuses();
      expect(idsOf(await alive.claimRecovered())).toEqual(['a']);
    });

    it.each(['complete', 'fail'] as const)('belong to the ended job as long as it is kept (%s)', async (kind) => {
      const consumer = scene.consume();
      await push('a');
      await end(consumer, kind);
      await scene.driver.setStatus('a', 'cancelled');
      if (isKept) {
        expect(await push('a', { name: 'Letter' })).toMatchObject({ found: { queue: QUEUE, name: 'Invoice' } });
        expect(await push('a', { queue: 'images' })).toMatchObject({ found: { queue: QUEUE, name: 'Invoice' } });
        expect(await push('a')).toBeUndefined();
        expect(await counts()).toMatchObject({ ready: 0 });
      }
      await scene.advance(STATUS_TTL + 1);
      expect(await push('a', { name: 'Letter', queue: 'images' })).toBeUndefined();
      expect(await counts('images')).toMatchObject({ ready: 1 });
    });

    it.each([
      ['error', async (consumer: TestConsumer) => consumer.settle(fail(await consumer.claimOne(), HALF))],
      ['reason', async () => scene.driver.cancellations.cancel('a', HALF)],
      [
        'progress',
        async (consumer: TestConsumer) => {
          const job = await consumer.claimOne();
          await consumer.note(job, 1, { progress: JSON.stringify(HALF) });
          await consumer.complete(job);
        },
      ],
      [
        'deep progress',
        async (consumer: TestConsumer) => {
          const job = await consumer.claimOne();
          await consumer.note(job, 1, { progress: DEEP });
          await consumer.complete(job);
        },
      ],
    ])('belong to the ended job whatever its %s is', async (_kind, endJob) => {
      if (!isKept) return;
      const name = 'In"voice\\/';
      await push('a', { name });
      await endJob(scene.consume());
      expect(await push('a', { name: 'Letter' })).toMatchObject({ found: { queue: QUEUE, name } });
      expect(await push('a', { queue: 'images', name })).toMatchObject({ found: { queue: QUEUE, name } });
      expect(await push('a', { name })).toBeUndefined();
      expect(await push('a', { queue: 'images', name, replacesEnded: true })).toBeUndefined();
      expect(await counts()).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
      expect(await scene.driver.mending.retry(QUEUE, ['a'])).toBe(0);
      expect(await counts('images')).toMatchObject({ ready: 1 });
    });

    it('belong to a failed job that was put back, whatever its error was', async () => {
      if (!isKept) return;
      await push('a');
      const consumer = scene.consume();
      await consumer.settle(fail(await consumer.claimOne(), HALF));
      expect(await scene.driver.mending.retry(QUEUE, ['a'])).toBe(1);
      expect(await push('a', { name: 'Letter' })).toMatchObject({ found: { queue: QUEUE, name: 'Invoice' } });
      expect(await push('a', { queue: 'images' })).toMatchObject({ found: { queue: QUEUE, name: 'Invoice' } });
    });

    it('are free at once if the job has ended, for a push that takes its place', async () => {
      const consumer = scene.consume();
      await push('a', { replacesEnded: true });
      await end(consumer, 'fail');
      expect(await counts()).toMatchObject({ failed: isKept ? 1 : 0 });
      expect(await push('a', { replacesEnded: true, delay: 60 })).toBeUndefined();
      expect(await counts()).toEqual({ ready: 0, blocked: 0, delayed: 1, reserved: 0, failed: 0 });
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'delayed', attempt: 0 });
      await scene.advance(60);
      await end(consumer, 'fail');
      expect(await push('a', { replacesEnded: true, queue: 'images', name: 'Letter' })).toBeUndefined();
      expect(await counts()).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'queued', queue: 'images' });
    });

    it('are free after the job was cleared', async () => {
      await push('a');
      await scene.driver.clear(QUEUE);
      expect(await push('a', { name: 'Letter', queue: 'images' })).toBeUndefined();
      expect(await counts('images')).toMatchObject({ ready: 1 });
    });

    it('that conflict do not keep the other jobs of a push from being stored', async () => {
      await push(['b', 'd']);
      const error = await push(['a', 'b', 'c', 'd', 'a'], { name: 'Letter' });
      expect(error).toMatchObject({ ids: ['b', 'd'], jobId: 'b', allIds: ['a', 'b', 'c', 'd', 'a'] });
      expect(idsOf(await scene.consume().drain())).toEqual(['b', 'd', 'a', 'c']);
    });

    it('are told as duplicates, with their place, if the same job has them', async () => {
      await push(['b', 'd']);
      const jobs = ['a', 'b', 'c', 'd', 'a'].map((id) => ({ id, body: 'hInvoice\n{}', delay: 0, name: 'Invoice' }));
      expect(await scene.driver.push(QUEUE, jobs, true)).toEqual([
        { index: 1, outcome: 'duplicate', id: 'b' },
        { index: 3, outcome: 'duplicate', id: 'd' },
        { index: 4, outcome: 'duplicate', id: 'a' },
      ]);
      expect(await scene.driver.push(QUEUE, [{ ...jobs[0]!, id: 'e' }], true)).toBeUndefined();
      const consumer = scene.consume();
      await consumer.settle(...(await consumer.claim(5)).map((job) => complete(job)));
      expect(await scene.driver.push(QUEUE, jobs.slice(0, 1), true)).toEqual(
        isKept ? [{ index: 0, outcome: 'duplicate', id: 'a' }] : undefined,
      );
      expect(await scene.driver.push(QUEUE, [{ ...jobs[1]!, replacesEnded: true }], true)).toBeUndefined();
    });

    it('that look like generated ids name no queue', async () => {
      const id = createJobId(Date.now(), 'images');
      await push(id);
      expect(await scene.driver.getStatus(id)).toMatchObject({ queue: QUEUE });
      expect(await push(id, { name: 'Letter' })).toMatchObject({ found: { queue: QUEUE, name: 'Invoice' } });
    });

    it('may be generated ids that a push sends again, and not the ids of other jobs', async () => {
      const id = createJobId(Date.now(), QUEUE);
      await scene.driver.push(QUEUE, [{ id, body: 'hInvoice\n{}', delay: 0 }], false);
      expect(await push(id)).toBeUndefined();
      expect(await push(id, { name: 'Letter' })).toMatchObject({ found: { queue: QUEUE, name: 'Invoice' } });
      await scene.consume().claimOne();
      expect(await push(id, { name: 'Letter' })).toMatchObject({ found: { queue: QUEUE, name: 'Invoice' } });
      expect(await counts()).toMatchObject({ ready: 0, reserved: 1 });
    });
  });
}

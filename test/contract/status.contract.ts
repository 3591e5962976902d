import { describe, expect, it } from '@jest/globals';
import { JOB_STATES } from '../../lib/job/job-status.js';
import type { DriverHarness } from './driver-harness.js';
import { QUEUE, Scene, settlement, STATUS_TTL } from './scene.js';

export function describeStatus(harness: DriverHarness): void {
  describe('status of a job', () => {
    const scene = new Scene(harness);

    it('is null for an unknown id', async () => {
      expect(await scene.driver.getStatus('nothing')).toBeNull();
    });

    it('follows a job from its push to its end', async () => {
      const status = () => scene.driver.getStatus('a');
      const consumer = scene.consume();
      await scene.push(['a'], { delay: 10 });
      expect(await status()).toEqual({ state: 'delayed', queue: QUEUE, attempt: 0, updatedAt: expect.any(Number) });
      await scene.advance(10);
      await consumer.poll();
      expect(await status()).toEqual({ state: 'queued', queue: QUEUE, attempt: 0, updatedAt: expect.any(Number) });
      const first = await consumer.claimOne();
      expect(await status()).toMatchObject({ state: 'processing', queue: QUEUE, attempt: 1 });
      await consumer.release(first);
      expect(await status()).toEqual({ state: 'queued', queue: QUEUE, attempt: 0, updatedAt: expect.any(Number) });
      await consumer.retry(await consumer.claimOne(), { error: 'one', delay: 60 });
      expect(await status()).toMatchObject({ state: 'retrying', queue: QUEUE, attempt: 1, error: 'one' });
      await scene.advance(60);
      const last = await consumer.claimOne();
      expect(await status()).toEqual({
        state: 'processing',
        queue: QUEUE,
        attempt: 2,
        updatedAt: expect.any(Number),
      });
      await consumer.complete(last);
      expect(await status()).toEqual({ state: 'completed', queue: QUEUE, attempt: 2, updatedAt: expect.any(Number) });
    });

    it.each([
      ['pushed with an id', async () => scene.push(['a'], { delay: 10, unique: true })],
      [
        'released',
        async () => {
          await scene.push(['a']);
          const consumer = scene.consume();
          await consumer.retry(await consumer.claimOne());
          await consumer.release(await consumer.claimOne(), { delay: 10 });
        },
      ],
    ])('changes from delayed to queued when the job is due (%s)', async (_, putOff) => {
      await putOff();
      const delayed = await scene.driver.getStatus('a');
      expect(delayed).toMatchObject({ state: 'delayed' });
      await scene.advance(10);
      await scene.consume().poll();
      expect(await scene.driver.getStatus('a')).toEqual({ ...delayed, state: 'queued' });
    });

    it('contains the queue of a ready job', async () => {
      await scene.push(['a'], { queue: 'other' });
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'queued', queue: 'other', attempt: 0 });
    });

    it('contains the time of the last change, in whole seconds', async () => {
      const writtenAt = async () => (await scene.driver.getStatus('a'))!.updatedAt;
      await scene.push(['a']);
      const pushedAt = await writtenAt();
      const consumer = scene.consume();
      await scene.advance(10.4);
      const job = await consumer.claimOne();
      const claimedAt = await writtenAt();
      await scene.advance(10);
      expect(await writtenAt()).toBe(claimedAt);
      await consumer.complete(job);
      const completedAt = await writtenAt();
      expect([pushedAt % 1000, claimedAt % 1000, completedAt % 1000]).toEqual([0, 0, 0]);
      expect(claimedAt - pushedAt).toBeGreaterThanOrEqual(10_000);
      expect(completedAt - claimedAt).toBeGreaterThanOrEqual(10_000);
      expect(completedAt - claimedAt).toBeLessThanOrEqual(11_000);
      expect(pushedAt).toBeGreaterThan(job.pushedAt - 1000);
    });

    it.each([
      ['completed', settlement.complete],
      ['failed', settlement.fail],
    ])('of a job that has %s expires after the status time', async (state, settlementOf) => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.settle(settlementOf(await consumer.claimOne()));
      await scene.advance(STATUS_TTL - 20);
      expect(await scene.driver.getStatus('a')).toMatchObject({ state });
      await scene.advance(21);
      expect(await scene.driver.getStatus('a')).toBeNull();
    });

    it('of a living job does not expire', async () => {
      await scene.push(['waits']);
      await scene.push(['runs'], { queue: 'other' });
      const consumer = scene.consume({ queue: 'other' });
      const running = await consumer.claimOne();
      await scene.advance(STATUS_TTL * 2);
      expect(await scene.driver.getStatus('waits')).toMatchObject({ state: 'queued' });
      expect(await scene.driver.getStatus('runs')).toMatchObject({ state: 'processing', attempt: 1 });
      await consumer.retry(running, { delay: STATUS_TTL * 3 });
      await scene.advance(STATUS_TTL * 2);
      expect(await scene.driver.getStatus('runs')).toMatchObject({ state: 'retrying', attempt: 1 });
    });

    it('is a copy: a change of it does not reach the storage', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.complete(await consumer.claimOne());
      Object.assign((await scene.driver.getStatus('a'))!, { state: 'failed', attempt: 7 });
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'completed', attempt: 1 });
    });

    describe('that the application wrote', () => {
      it.each(JOB_STATES)('is stored for an unknown id (%s)', async (state) => {
        await scene.driver.setStatus('a', state);
        expect(await scene.driver.getStatus('a')).toEqual({
          state,
          queue: '',
          attempt: 0,
          updatedAt: expect.any(Number),
        });
      });

      it('contains its error', async () => {
        await scene.driver.setStatus('a', 'failed', 'no "luck"\n中');
        expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'failed', error: 'no "luck"\n中' });
      });

      it('keeps queue and attempt of the status that it overwrites, and drops its error', async () => {
        await scene.push(['a']);
        const consumer = scene.consume();
        await consumer.retry(await consumer.claimOne());
        await consumer.fail(await consumer.claimOne());
        await scene.driver.setStatus('a', 'cancelled');
        expect(await scene.driver.getStatus('a')).toEqual({
          state: 'cancelled',
          queue: QUEUE,
          attempt: 2,
          updatedAt: expect.any(Number),
        });
      });

      it.each(['"half of a character: \\ud83d"', '['.repeat(1_500) + ']'.repeat(1_500)])(
        'keeps result and progress of the status that it overwrites, whatever they are (%#)',
        async (progress) => {
          await scene.push(['a']);
          const consumer = scene.consume();
          const job = await consumer.claimOne();
          await consumer.note(job, 1, { progress });
          await consumer.settle(settlement.complete(job, { result: '7' }));
          await scene.driver.setStatus('a', 'cancelled');
          expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'cancelled', progress, result: '7' });
        },
      );

      it('is overwritten by the next change of a living job', async () => {
        await scene.push(['a']);
        const consumer = scene.consume();
        const job = await consumer.claimOne();
        await scene.driver.setStatus('a', 'failed', 'by hand');
        expect(await scene.driver.getStatus('a')).toMatchObject({
          state: 'failed',
          queue: QUEUE,
          attempt: 1,
          error: 'by hand',
        });
        await consumer.complete(job);
        expect(await scene.driver.getStatus('a')).toEqual({
          state: 'completed',
          queue: QUEUE,
          attempt: 1,
          updatedAt: expect.any(Number),
        });
      });

      it('does not change the job itself', async () => {
        await scene.push(['a']);
        await scene.driver.setStatus('a', 'completed');
        expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 1 });
        expect(await scene.consume().claimOne()).toMatchObject({ id: 'a', attempt: 1 });
        expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'processing' });
      });

      it('expires a status time after its last write', async () => {
        await scene.driver.setStatus('a', 'completed');
        await scene.advance(STATUS_TTL - 10);
        await scene.driver.setStatus('a', 'failed');
        await scene.advance(STATUS_TTL - 10);
        expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'failed' });
        await scene.advance(11);
        expect(await scene.driver.getStatus('a')).toBeNull();
      });

      it('makes a push with the same id add nothing', async () => {
        await scene.driver.setStatus('a', 'cancelled');
        await scene.push(['a'], { unique: true });
        expect(await scene.consume().claim()).toEqual([]);
      });
    });
  });

  describe('status with a status time of 0', () => {
    const scene = new Scene(harness, 0);

    it('is known while the job lives', async () => {
      const status = () => scene.driver.getStatus('a');
      await scene.push(['a'], { delay: 10 });
      expect(await status()).toMatchObject({ state: 'delayed', queue: QUEUE, attempt: 0 });
      await scene.advance(10);
      const consumer = scene.consume();
      const job = await consumer.claimOne();
      expect(await status()).toMatchObject({ state: 'processing', queue: QUEUE, attempt: 1 });
      await consumer.retry(job, { delay: 10 });
      expect(await status()).toMatchObject({ state: 'retrying', queue: QUEUE, attempt: 1 });
      await scene.advance(10);
      await consumer.complete(await consumer.claimOne());
      expect(await status()).toBeNull();
    });

    it('is not kept for failed jobs, which are not counted either', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.fail(await consumer.claimOne());
      expect(await scene.driver.getStatus('a')).toBeNull();
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
    });

    it('cannot be written by the application', async () => {
      await scene.driver.setStatus('a', 'completed');
      expect(await scene.driver.getStatus('a')).toBeNull();
    });
  });
}

import { describe, expect, it } from '@jest/globals';
import { JOB_STATES } from '../../lib/job/job-status.js';
import type { DriverHarness } from './driver-harness.js';
import { claim, claimOne, complete, fail, IDLE, QUEUE, release, retry, Scene, settle, STATUS_TTL } from './scene.js';

export function describeStatus(harness: DriverHarness): void {
  describe('status', () => {
    const scene = new Scene(harness);

    it('is null for a job that nothing is known of', async () => {
      expect(await scene.driver.getStatus('nothing')).toBeNull();
    });

    it('tells what a job is doing, from its push to its end', async () => {
      const status = () => scene.driver.getStatus('a');
      const consumer = scene.consume();
      await scene.push(['a'], { delay: 10 });
      expect(await status()).toEqual({ state: 'delayed', queue: QUEUE, attempt: 0, updatedAt: expect.any(Number) });
      await scene.advance(10);
      await consumer.poll(IDLE);
      expect(await status()).toEqual({ state: 'queued', queue: QUEUE, attempt: 0, updatedAt: expect.any(Number) });
      const first = await claimOne(consumer);
      expect(await status()).toMatchObject({ state: 'processing', queue: QUEUE, attempt: 1 });
      await settle(consumer, release(first));
      expect(await status()).toEqual({ state: 'queued', queue: QUEUE, attempt: 0, updatedAt: expect.any(Number) });
      await settle(consumer, retry(await claimOne(consumer), { error: 'one', delay: 60 }));
      expect(await status()).toMatchObject({ state: 'retrying', queue: QUEUE, attempt: 1, error: 'one' });
      await scene.advance(60);
      const last = await claimOne(consumer);
      expect(await status()).toEqual({
        state: 'processing',
        queue: QUEUE,
        attempt: 2,
        updatedAt: expect.any(Number),
      });
      await settle(consumer, complete(last));
      expect(await status()).toEqual({ state: 'completed', queue: QUEUE, attempt: 2, updatedAt: expect.any(Number) });
    });

    it.each([
      ['pushed with an id', async () => scene.push(['a'], { delay: 10, unique: true })],
      [
        'released',
        async () => {
          await scene.push(['a']);
          const consumer = scene.consume();
          await settle(consumer, retry(await claimOne(consumer)));
          await settle(consumer, release(await claimOne(consumer), { delay: 10 }));
        },
      ],
    ])('tells of a job that is due no more that it is delayed (%s)', async (_, putOff) => {
      await putOff();
      const delayed = await scene.driver.getStatus('a');
      expect(delayed).toMatchObject({ state: 'delayed' });
      await scene.advance(10);
      await scene.consume().poll(IDLE);
      expect(await scene.driver.getStatus('a')).toEqual({ ...delayed, state: 'queued' });
    });

    it('tells of a job that is ready', async () => {
      await scene.push(['a'], { queue: 'other' });
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'queued', queue: 'other', attempt: 0 });
    });

    it('says when it was written, to the second', async () => {
      const writtenAt = async () => (await scene.driver.getStatus('a'))!.updatedAt;
      await scene.push(['a']);
      const pushedAt = await writtenAt();
      const consumer = scene.consume();
      await scene.advance(10.4);
      const job = await claimOne(consumer);
      const claimedAt = await writtenAt();
      await scene.advance(10);
      expect(await writtenAt()).toBe(claimedAt);
      await settle(consumer, complete(job));
      const completedAt = await writtenAt();
      expect([pushedAt % 1000, claimedAt % 1000, completedAt % 1000]).toEqual([0, 0, 0]);
      expect(claimedAt - pushedAt).toBeGreaterThanOrEqual(10_000);
      expect(completedAt - claimedAt).toBeGreaterThanOrEqual(10_000);
      expect(completedAt - claimedAt).toBeLessThanOrEqual(11_000);
      expect(pushedAt).toBeGreaterThan(job.pushedAt - 1000);
    });

    it.each([
      ['completed', complete],
      ['failed', fail],
    ])('of a job that has %s is kept for the status time', async (state, end) => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await settle(consumer, end(await claimOne(consumer)));
      await scene.advance(STATUS_TTL - 2);
      expect(await scene.driver.getStatus('a')).toMatchObject({ state });
      await scene.advance(3);
      expect(await scene.driver.getStatus('a')).toBeNull();
    });

    it('of a live job is kept however long it lives', async () => {
      await scene.push(['waits']);
      await scene.push(['runs'], { queue: 'other' });
      const consumer = scene.consume({ queue: 'other' });
      const running = await claimOne(consumer);
      await scene.advance(STATUS_TTL * 2);
      expect(await scene.driver.getStatus('waits')).toMatchObject({ state: 'queued' });
      expect(await scene.driver.getStatus('runs')).toMatchObject({ state: 'processing', attempt: 1 });
      await settle(consumer, retry(running, { delay: STATUS_TTL * 3 }));
      await scene.advance(STATUS_TTL * 2);
      expect(await scene.driver.getStatus('runs')).toMatchObject({ state: 'retrying', attempt: 1 });
    });

    it('is a copy', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await settle(consumer, complete(await claimOne(consumer)));
      Object.assign((await scene.driver.getStatus('a'))!, { state: 'failed', attempt: 7 });
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'completed', attempt: 1 });
    });

    describe('written by the application', () => {
      it.each(JOB_STATES)('is kept (%s), for a job that nothing else is known of', async (state) => {
        await scene.driver.setStatus('a', state);
        expect(await scene.driver.getStatus('a')).toEqual({
          state,
          queue: '',
          attempt: 0,
          updatedAt: expect.any(Number),
        });
      });

      it('keeps its error', async () => {
        await scene.driver.setStatus('a', 'failed', 'no "luck"\n中');
        expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'failed', error: 'no "luck"\n中' });
      });

      it('keeps the queue and the attempt, and drops the error, of the status it overwrites', async () => {
        await scene.push(['a']);
        const consumer = scene.consume();
        await settle(consumer, retry(await claimOne(consumer)));
        await settle(consumer, fail(await claimOne(consumer)));
        await scene.driver.setStatus('a', 'cancelled');
        expect(await scene.driver.getStatus('a')).toEqual({
          state: 'cancelled',
          queue: QUEUE,
          attempt: 2,
          updatedAt: expect.any(Number),
        });
      });

      it('is told of a live job until that does something', async () => {
        await scene.push(['a']);
        const consumer = scene.consume();
        const job = await claimOne(consumer);
        await scene.driver.setStatus('a', 'failed', 'by hand');
        expect(await scene.driver.getStatus('a')).toMatchObject({
          state: 'failed',
          queue: QUEUE,
          attempt: 1,
          error: 'by hand',
        });
        await settle(consumer, complete(job));
        expect(await scene.driver.getStatus('a')).toEqual({
          state: 'completed',
          queue: QUEUE,
          attempt: 1,
          updatedAt: expect.any(Number),
        });
      });

      it('changes nothing about a live job but what is told of it', async () => {
        await scene.push(['a']);
        await scene.driver.setStatus('a', 'completed');
        expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 1 });
        expect(await claimOne(scene.consume())).toMatchObject({ id: 'a', attempt: 1 });
        expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'processing' });
      });

      it('is kept for the status time from when it was written', async () => {
        await scene.driver.setStatus('a', 'completed');
        await scene.advance(STATUS_TTL - 10);
        await scene.driver.setStatus('a', 'failed');
        await scene.advance(STATUS_TTL - 10);
        expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'failed' });
        await scene.advance(11);
        expect(await scene.driver.getStatus('a')).toBeNull();
      });

      it('keeps a push with this id away', async () => {
        await scene.driver.setStatus('a', 'cancelled');
        await scene.push(['a'], { unique: true });
        expect(await claim(scene.consume())).toEqual([]);
      });
    });
  });

  describe('status that is not kept', () => {
    const scene = new Scene(harness, 0);

    it('is told as long as the job lives', async () => {
      const status = () => scene.driver.getStatus('a');
      await scene.push(['a'], { delay: 10 });
      expect(await status()).toMatchObject({ state: 'delayed', queue: QUEUE, attempt: 0 });
      await scene.advance(10);
      const consumer = scene.consume();
      const job = await claimOne(consumer);
      expect(await status()).toMatchObject({ state: 'processing', queue: QUEUE, attempt: 1 });
      await settle(consumer, retry(job, { delay: 10 }));
      expect(await status()).toMatchObject({ state: 'retrying', queue: QUEUE, attempt: 1 });
      await scene.advance(10);
      await settle(consumer, complete(await claimOne(consumer)));
      expect(await status()).toBeNull();
    });

    it('counts no failed jobs', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await settle(consumer, fail(await claimOne(consumer)));
      expect(await scene.driver.getStatus('a')).toBeNull();
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, delayed: 0, reserved: 0, failed: 0 });
    });

    it('cannot be written', async () => {
      await scene.driver.setStatus('a', 'completed');
      expect(await scene.driver.getStatus('a')).toBeNull();
    });
  });
}

import { describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import type { DriverHarness } from './driver-harness.js';
import { expectDueIn, idsOf, QUEUE, Scene } from './scene.js';

/** Milliseconds, longer than any test. */
const LONG = 60_000;

export function describePause(harness: DriverHarness): void {
  describe('a paused queue', () => {
    const scene = new Scene(harness);
    const pauses = () => scene.driver.pauses;

    /** Pauses the queue, and lets the time pass in which the driver waits for its consumers. */
    const pause = async (milliseconds: number | null = null): Promise<void> => {
      const passing = { isOver: false };
      const pausing = pauses()
        .pause(QUEUE, milliseconds)
        .finally(() => (passing.isOver = true));
      while (!passing.isOver) await scene.advance(0.05);
      await pausing;
    };

    it('hands out no job, neither a ready one nor a recovered one, and says so', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      await pauses().pause(QUEUE, null);
      const result = await consumer.poll({ limit: 10, recovered: true });
      expect(result).toMatchObject({ jobs: [], paused: true, more: false, recovered: false, nextDue: null });
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 2, reserved: 0 });
    });

    it('hands out its jobs in their order after resume()', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      await pauses().pause(QUEUE, null);
      await scene.push(['c']);
      expect(await consumer.claim()).toEqual([]);
      await pauses().resume(QUEUE);
      const { jobs, paused } = await consumer.poll({ limit: 10 });
      expect({ ids: idsOf(jobs), paused }).toEqual({ ids: ['a', 'b', 'c'], paused: false });
    });

    it('can be one that never got a job', async () => {
      await pauses().pause(QUEUE, null);
      await scene.push(['a']);
      expect(await scene.consume().claim()).toEqual([]);
    });

    it('leaves other queues alone', async () => {
      await pauses().pause(QUEUE, null);
      await scene.push(['a'], { queue: 'other' });
      expect(idsOf(await scene.consume({ queue: 'other' }).claim())).toEqual(['a']);
    });

    it('still settles the jobs that were claimed before', async () => {
      await scene.push(['a', 'b', 'c']);
      const consumer = scene.consume();
      const [a, b, c] = await consumer.claim();
      await pause();
      await consumer.complete(a!);
      await consumer.retry(b!, { delay: 5 });
      await consumer.release(c!);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 1, delayed: 1, reserved: 0 });
    });

    it('still promotes due jobs', async () => {
      const consumer = scene.consume();
      await scene.push(['a'], { delay: 5 });
      await pauses().pause(QUEUE, null);
      expectDueIn((await consumer.poll({ limit: 1 })).nextDue, 5);
      await scene.advance(5);
      expect(await consumer.claim()).toEqual([]);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 1, delayed: 0 });
    });

    it('is resumed by itself when its time is over, and tells when that is', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await pauses().pause(QUEUE, 10_000);
      expectDueIn((await consumer.poll({ limit: 1 })).nextDue, 10);
      await scene.advance(9);
      expect(await consumer.claim()).toEqual([]);
      await scene.advance(2);
      expect(await pauses().read(QUEUE)).toBeNull();
      expect(idsOf(await consumer.claim())).toEqual(['a']);
    });

    it('is paused once: the last call counts, and one resume() ends it', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await pauses().pause(QUEUE, 10_000);
      await pauses().pause(QUEUE, null);
      await scene.advance(20);
      expect(await consumer.claim()).toEqual([]);
      await pauses().resume(QUEUE);
      await pauses().resume(QUEUE);
      expect(idsOf(await consumer.claim())).toEqual(['a']);
    });

    it('calls its consumers when it is paused and when it is resumed', async () => {
      let calls = 0;
      const consumer = scene.consume({ onSignal: () => calls++ });
      // The subscription may arrive after the first pause.
      await eventually(async () => {
        await pauses().pause(QUEUE, null);
        return calls > 0;
      });
      expect((await consumer.poll()).paused).toBe(true);
      calls = 0;
      await pauses().resume(QUEUE);
      await eventually(() => calls > 0);
      expect((await consumer.poll()).paused).toBe(false);
    });

    it('is paused as soon as the consumers that hold jobs have told that they know', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.claim();
      let isOver = false;
      const pausing = pauses()
        .pause(QUEUE, null)
        .finally(() => (isOver = true));
      await eventually(async () => (await consumer.poll()).paused);
      await consumer.poll();
      await eventually(async () => {
        await scene.advance(0.01);
        return isOver;
      });
      await pausing;
    });

    it('is paused after a second if a consumer does not tell', async () => {
      await scene.push(['a']);
      await scene.consume().claim();
      await pause();
      expect(await scene.consume().poll({ limit: 1 })).toMatchObject({ paused: true });
    });

    it('wakes a listener when it is resumed', async () => {
      await scene.push(['a']);
      const listener = scene.listen();
      await pauses().pause(QUEUE, null);
      const consumer = scene.consume();
      expect(await listener.wait(LONG)).toBe(QUEUE);
      await consumer.poll({ limit: 1 });
      const waiting = listener.wait(LONG);
      await pauses().resume(QUEUE);
      expect(await waiting).toBe(QUEUE);
    });

    it('refuses calls after the driver was closed', async () => {
      await scene.driver.close();
      await expect(pauses().pause(QUEUE, null)).rejects.toThrow('closed');
      await expect(pauses().resume(QUEUE)).rejects.toThrow('closed');
      await expect(pauses().read(QUEUE)).rejects.toThrow('closed');
    });
  });
}

import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { expectDueIn, idsOf, QUEUE, Scene } from './scene.js';

export function describeDelay(harness: DriverHarness): void {
  describe('delay', () => {
    const scene = new Scene(harness);

    it('hands out a delayed job when it is due, and not earlier', async () => {
      await scene.push(['a'], { delay: 10 });
      const consumer = scene.consume();
      await scene.advance(8);
      expect(await consumer.claim()).toEqual([]);
      await scene.advance(2);
      expect(idsOf(await consumer.claim())).toEqual(['a']);
    });

    it('hands out a delayed job once', async () => {
      await scene.push(['a'], { delay: 10 });
      const consumer = scene.consume();
      await scene.advance(10);
      expect(idsOf(await consumer.drain())).toEqual(['a']);
      await scene.advance(100);
      expect(await consumer.claim()).toEqual([]);
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
    });

    it('keeps fractions of a second of a delay', async () => {
      await scene.push(['a'], { delay: 100.75 });
      const result = await scene.consume().poll();
      expectDueIn(result.nextDue, 100.75);
      expect(Number.isInteger(result.nextDue)).toBe(true);
    });

    it('hands out due jobs by due time, and jobs of the same due time by push order', async () => {
      await scene.push(['late'], { delay: 30 });
      await scene.push(['soon-1', 'soon-2', 'soon-3'], { delay: 10 });
      await scene.push(['between'], { delay: 20 });
      await scene.advance(30);
      expect(idsOf(await scene.consume().drain())).toEqual(['soon-1', 'soon-2', 'soon-3', 'between', 'late']);
    });

    it('puts a due job behind the jobs that are ready already', async () => {
      await scene.push(['delayed'], { delay: 10 });
      await scene.push(['ready']);
      await scene.advance(10);
      expect(idsOf(await scene.consume().claim())).toEqual(['ready', 'delayed']);
    });

    it('puts a promoted job in front of jobs that are pushed later', async () => {
      await scene.push(['delayed'], { delay: 10 });
      const consumer = scene.consume();
      await scene.advance(10);
      await consumer.poll();
      await scene.push(['ready']);
      expect(idsOf(await consumer.claim())).toEqual(['delayed', 'ready']);
    });

    it('says how long it is until the next delayed job is due', async () => {
      const consumer = scene.consume();
      await scene.push(['late'], { delay: 60 });
      await scene.push(['soon'], { delay: 20 });
      await scene.advance(5);
      const { more, nextDue } = await consumer.poll();
      expect(more).toBe(false);
      expectDueIn(nextDue, 15);
    });

    it('does not say when the next job is due while jobs are ready', async () => {
      await scene.push(['delayed'], { delay: 20 });
      await scene.push(['ready']);
      expect(await scene.consume().poll()).toMatchObject({ more: true, nextDue: null });
    });
  });
}

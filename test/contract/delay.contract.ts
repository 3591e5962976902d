import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { claim, drain, expectDueIn, IDLE, idsOf, QUEUE, Scene } from './scene.js';

export function describeDelay(harness: DriverHarness): void {
  describe('delay', () => {
    const scene = new Scene(harness);

    it('hands a job out when it is due, and not before', async () => {
      await scene.push(['a'], { delay: 10 });
      const consumer = scene.consume();
      await scene.advance(8);
      expect(await claim(consumer)).toEqual([]);
      await scene.advance(2);
      expect(idsOf(await claim(consumer))).toEqual(['a']);
    });

    it('hands a job out once', async () => {
      await scene.push(['a'], { delay: 10 });
      const consumer = scene.consume();
      await scene.advance(10);
      expect(idsOf(await drain(consumer))).toEqual(['a']);
      await scene.advance(100);
      expect(await claim(consumer)).toEqual([]);
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, delayed: 0, reserved: 0, failed: 0 });
    });

    it('takes fractions of a second', async () => {
      await scene.push(['a'], { delay: 100.75 });
      const result = await scene.consume().poll(IDLE);
      expectDueIn(result.nextDue, 100.75);
      expect(Number.isInteger(result.nextDue)).toBe(true);
    });

    it('orders by the time jobs are due, and then by the time they came', async () => {
      await scene.push(['late'], { delay: 30 });
      await scene.push(['soon-1', 'soon-2', 'soon-3'], { delay: 10 });
      await scene.push(['between'], { delay: 20 });
      await scene.advance(30);
      expect(idsOf(await drain(scene.consume()))).toEqual(['soon-1', 'soon-2', 'soon-3', 'between', 'late']);
    });

    it('puts jobs that have become due behind those that are ready', async () => {
      await scene.push(['delayed'], { delay: 10 });
      await scene.push(['ready']);
      await scene.advance(10);
      expect(idsOf(await claim(scene.consume()))).toEqual(['ready', 'delayed']);
    });

    it('puts jobs that have become due before those that come after that was seen', async () => {
      await scene.push(['delayed'], { delay: 10 });
      const consumer = scene.consume();
      await scene.advance(10);
      await consumer.poll(IDLE);
      await scene.push(['ready']);
      expect(idsOf(await claim(consumer))).toEqual(['delayed', 'ready']);
    });

    it('says how long it is until the next job is due', async () => {
      const consumer = scene.consume();
      await scene.push(['late'], { delay: 60 });
      await scene.push(['soon'], { delay: 20 });
      await scene.advance(5);
      const { more, nextDue } = await consumer.poll(IDLE);
      expect(more).toBe(false);
      expectDueIn(nextDue, 15);
    });

    it('does not say so while jobs are ready', async () => {
      await scene.push(['delayed'], { delay: 20 });
      await scene.push(['ready']);
      expect(await scene.consume().poll(IDLE)).toMatchObject({ more: true, nextDue: null });
    });
  });
}

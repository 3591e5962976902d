import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { idsOf, QUEUE, Scene } from './scene.js';

export function describeClaim(harness: DriverHarness): void {
  describe('claim', () => {
    const scene = new Scene(harness);

    it('hands out ready jobs, the oldest first, up to the limit', async () => {
      await scene.push(['a', 'b', 'c', 'd', 'e']);
      const consumer = scene.consume();
      expect(idsOf(await consumer.claim(2))).toEqual(['a', 'b']);
      expect(idsOf(await consumer.claim(2))).toEqual(['c', 'd']);
      expect(idsOf(await consumer.claim(2))).toEqual(['e']);
      expect(await consumer.claim(2)).toEqual([]);
    });

    it('returns each job with its body, push time, fencing token and counters', async () => {
      await scene.push(['a']);
      const job = await scene.consume().claimOne();
      expect(job).toMatchObject({
        id: 'a',
        body: 'body of a',
        pushedAt: expect.any(Number),
        fence: expect.any(Number),
        attempt: 1,
        crashes: 0,
        unknownFor: 0,
      });
    });

    it('hands out no job if the limit is 0', async () => {
      await scene.push(['a']);
      const result = await scene.consume().poll();
      expect(result).toEqual({
        lost: false,
        refused: [],
        jobs: [],
        danglingIds: [],
        takenOver: [],
        more: true,
        recovered: false,
        paused: false,
        limited: false,
        held: false,
        blocked: false,
        cancelled: [],
        nextDue: null,
        now: expect.any(Number),
      });
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 1, reserved: 0 });
    });

    it('hands out no job twice', async () => {
      await scene.push(['a', 'b', 'c']);
      const [one, other] = [scene.consume(), scene.consume()];
      expect(idsOf(await one.claim(1))).toEqual(['a']);
      expect(idsOf(await other.claim(1))).toEqual(['b']);
      expect(idsOf(await one.claim(1))).toEqual(['c']);
      expect(await other.claim(1)).toEqual([]);
    });

    it('hands out no job twice to consumers that claim at the same time', async () => {
      await scene.push(['a', 'b', 'c', 'd']);
      const consumers = [scene.consume(), scene.consume(), scene.consume(), scene.consume(), scene.consume()];
      const claimed = await Promise.all(consumers.map((consumer) => consumer.claim(1)));
      expect(idsOf(claimed.flat()).sort()).toEqual(['a', 'b', 'c', 'd']);
    });

    it('says whether more jobs are ready', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      const request = { limit: 1 };
      expect(await consumer.poll(request)).toMatchObject({ more: true, nextDue: null });
      expect(await consumer.poll(request)).toMatchObject({ more: false, nextDue: null });
    });

    it('finds no job in a queue that never got a job', async () => {
      const result = await scene.consume({ queue: 'nothing' }).poll({ limit: 10, recovered: true });
      expect(result).toEqual({
        lost: false,
        refused: [],
        jobs: [],
        danglingIds: [],
        takenOver: [],
        more: false,
        recovered: false,
        paused: false,
        limited: false,
        held: false,
        blocked: false,
        cancelled: [],
        nextDue: null,
        now: expect.any(Number),
      });
    });
  });
}

import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { claim, claimOne, IDLE, idsOf, QUEUE, Scene } from './scene.js';

export function describeClaim(harness: DriverHarness): void {
  describe('claim', () => {
    const scene = new Scene(harness);

    it('hands out what is ready, the oldest first, up to the limit', async () => {
      await scene.push(['a', 'b', 'c', 'd', 'e']);
      const consumer = scene.consume();
      expect(idsOf(await claim(consumer, 2))).toEqual(['a', 'b']);
      expect(idsOf(await claim(consumer, 2))).toEqual(['c', 'd']);
      expect(idsOf(await claim(consumer, 2))).toEqual(['e']);
      expect(await claim(consumer, 2)).toEqual([]);
    });

    it('tells everything of a job', async () => {
      await scene.push(['a']);
      const job = await claimOne(scene.consume());
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

    it('hands nothing out with a limit of 0', async () => {
      await scene.push(['a']);
      const result = await scene.consume().poll(IDLE);
      expect(result).toEqual({
        lost: false,
        refused: [],
        jobs: [],
        danglingIds: [],
        takenOver: [],
        more: true,
        recovered: false,
        nextDue: null,
      });
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 1, reserved: 0 });
    });

    it('hands no job out twice', async () => {
      await scene.push(['a', 'b', 'c']);
      const [one, other] = [scene.consume(), scene.consume()];
      expect(idsOf(await claim(one, 1))).toEqual(['a']);
      expect(idsOf(await claim(other, 1))).toEqual(['b']);
      expect(idsOf(await claim(one, 1))).toEqual(['c']);
      expect(await claim(other, 1)).toEqual([]);
    });

    it('hands no job out twice to consumers that ask at the same time', async () => {
      await scene.push(['a', 'b', 'c', 'd']);
      const consumers = [scene.consume(), scene.consume(), scene.consume(), scene.consume(), scene.consume()];
      const claimed = await Promise.all(consumers.map((consumer) => claim(consumer, 1)));
      expect(idsOf(claimed.flat()).sort()).toEqual(['a', 'b', 'c', 'd']);
    });

    it('says whether there is more', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      const request = { ...IDLE, limit: 1 };
      expect(await consumer.poll(request)).toMatchObject({ more: true, nextDue: null });
      expect(await consumer.poll(request)).toMatchObject({ more: false, nextDue: null });
    });

    it('finds nothing in a queue that nobody pushed to', async () => {
      const result = await scene.consume({ queue: 'nothing' }).poll({ ...IDLE, limit: 10, recovered: true });
      expect(result).toEqual({
        lost: false,
        refused: [],
        jobs: [],
        danglingIds: [],
        takenOver: [],
        more: false,
        recovered: false,
        nextDue: null,
      });
    });
  });
}

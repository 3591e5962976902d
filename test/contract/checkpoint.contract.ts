import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { complete, fail, QUEUE, release, retry, Scene } from './scene.js';

export function describeCheckpoint(harness: DriverHarness): void {
  describe('a checkpoint', () => {
    const scene = new Scene(harness);

    it('is handed out with the job that stored it, as its next attempt; the last one counts', async () => {
      await scene.push(['a', 'b', 'c']);
      const consumer = scene.consume();
      const [a, b, c] = await consumer.claim();
      expect(a!.checkpoint).toBeUndefined();
      expect(await consumer.note(b!, 1, { checkpoint: 'one' })).toBe(true);
      await consumer.note(b!, 2, { checkpoint: 'é "two"\n', progress: '2' });
      await consumer.settle(retry(a!), release(b!), release(c!, { position: 'front' }));
      const again = new Map((await consumer.claim()).map(({ id, checkpoint }) => [id, checkpoint]));
      expect(again).toEqual(
        new Map([
          ['c', undefined],
          ['a', undefined],
          ['b', 'é "two"\n'],
        ]),
      );
    });

    it('comes with a settlement, too, and stays over several attempts', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.settle({ ...retry(await consumer.claimOne()), note: { checkpoint: '1' } });
      await consumer.settle(release(await consumer.claimOne()));
      expect((await consumer.claimOne()).checkpoint).toBe('1');
    });

    it('of a lost consumer is handed on, and a later one of it is refused', async () => {
      await scene.push(['a']);
      const lost = scene.consume();
      const alive = scene.consume();
      const job = await lost.claimOne();
      await lost.note(job, 1, { checkpoint: '7' });
      await scene.outlive(lost, alive);
      const [again] = await alive.claimRecovered();
      expect(again!.checkpoint).toBe('7');
      expect(await lost.note(job, 2, { checkpoint: '8' })).toBe(false);
      await alive.settle(release(again!));
      expect((await alive.claimRecovered())[0]!.checkpoint).toBe('7');
    });

    it.each([
      ['complete', complete],
      ['fail', fail],
    ] as const)('goes with the end of the job: %s', async (_, settle) => {
      await scene.driver.push(QUEUE, [{ id: 'a', body: '', delay: 0, name: 'one' }], true);
      const consumer = scene.consume();
      const a = await consumer.claimOne();
      await consumer.note(a, 1, { checkpoint: '1' });
      await consumer.settle({ ...settle(a), note: { checkpoint: '2' } });
      await scene.driver.push(QUEUE, [{ id: 'a', body: '', delay: 0, name: 'one', replacesEnded: true }], true);
      expect((await consumer.claimOne()).checkpoint).toBeUndefined();
    });

    it('goes with a job that is dropped', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.settle({ ...release(await consumer.claimOne()), note: { checkpoint: '1' } });
      await scene.driver.clear(QUEUE);
      await scene.push(['a']);
      expect((await consumer.claimOne()).checkpoint).toBeUndefined();
    });
  });
}

import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { claim, claimOne, QUEUE, release, Scene, settle } from './scene.js';

/** Longer than any test: such a wait ends by what the test does. */
const LONG = 60_000;

export function describeListen(harness: DriverHarness): void {
  describe('listen', () => {
    const scene = new Scene(harness);

    it('tells of a job that is there already', async () => {
      await scene.push(['a']);
      expect(await scene.listen().wait(LONG)).toBe(QUEUE);
    });

    it('tells of a job that is pushed', async () => {
      const waiting = scene.listen().wait(LONG);
      await scene.push(['a']);
      expect(await waiting).toBe(QUEUE);
    });

    it('tells of a job again and again, as long as jobs come', async () => {
      const listener = scene.listen();
      const consumer = scene.consume();
      for (const id of ['a', 'b', 'c']) {
        const waiting = listener.wait(LONG);
        await scene.push([id]);
        expect(await waiting).toBe(QUEUE);
        expect(await claimOne(consumer)).toMatchObject({ id });
      }
    });

    it('names the queue', async () => {
      const listener = scene.listen('one', 'two', 'three');
      const waiting = listener.wait(LONG);
      await scene.push(['a'], { queue: 'two' });
      expect(await waiting).toBe('two');
      await claim(scene.consume({ queue: 'two' }));
      const waitingAgain = listener.wait(LONG);
      await scene.push(['b'], { queue: 'three' });
      expect(await waitingAgain).toBe('three');
    });

    it('tells of a job that is put back', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const job = await claimOne(consumer);
      const waiting = scene.listen().wait(LONG);
      await settle(consumer, release(job));
      expect(await waiting).toBe(QUEUE);
    });

    it('ends when the time is up', async () => {
      const waiting = scene.listen().wait(50);
      await scene.advance(0.05);
      expect(await waiting).toBeNull();
    });

    it('does not end for jobs of other queues', async () => {
      const waiting = scene.listen('one', 'two').wait(50);
      await scene.push(['a'], { queue: 'three' });
      await scene.advance(0.05);
      expect(await waiting).toBeNull();
    });

    it('wakes one listener a push', async () => {
      const listeners = [scene.listen(), scene.listen(), scene.listen()];
      const waits = listeners.map((listener) => listener.wait(LONG));
      await scene.push(['a', 'b']);
      expect(await Promise.race(waits)).toBe(QUEUE);
      await Promise.all(listeners.map((listener) => listener.close()));
      expect((await Promise.all(waits)).filter((queue) => queue !== null)).toEqual([QUEUE]);
    });

    it('wakes another one when a poll leaves jobs behind', async () => {
      const waits = [scene.listen(), scene.listen()].map((listener) => listener.wait(LONG));
      await scene.push(['a', 'b']);
      await Promise.race(waits);
      await claim(scene.consume(), 1);
      expect(await Promise.all(waits)).toEqual([QUEUE, QUEUE]);
    });

    it('ends when the listener is closed, and does not begin again', async () => {
      const listener = scene.listen();
      const waiting = listener.wait(LONG);
      await listener.close();
      expect(await waiting).toBeNull();
      await scene.push(['a']);
      expect(await listener.wait(LONG)).toBeNull();
      await listener.close();
    });

    it('leaves what was pushed for the other listeners when one has been closed', async () => {
      const closed = scene.listen();
      const waitingInVain = closed.wait(LONG);
      const waiting = scene.listen().wait(LONG);
      await closed.close();
      await waitingInVain;
      await scene.push(['a']);
      expect(await waiting).toBe(QUEUE);
    });

    it('wakes another one in place of one that has no use for it', async () => {
      const listeners = [scene.listen(), scene.listen()];
      const waits = listeners.map(async (listener) => ({ listener, queue: await listener.wait(LONG) }));
      await scene.push(['a']);
      const { listener } = await Promise.race(waits);
      listener.pass(QUEUE);
      expect((await Promise.all(waits)).map(({ queue }) => queue)).toEqual([QUEUE, QUEUE]);
    });

    it('wakes the next one to come when nobody waits', async () => {
      const first = scene.listen();
      await scene.push(['a']);
      expect(await first.wait(LONG)).toBe(QUEUE);
      first.pass(QUEUE);
      expect(await scene.listen().wait(LONG)).toBe(QUEUE);
    });

    it('wakes nobody for a queue it does not watch', async () => {
      const listener = scene.listen('one');
      const waiting = scene.listen('two').wait(50);
      listener.pass('two');
      await scene.advance(0.05);
      expect(await waiting).toBeNull();
    });

    if (harness.supports.dueWakesListeners) {
      it('tells of a delayed job when it is due', async () => {
        const waiting = scene.listen().wait(LONG);
        await scene.push(['late'], { delay: 20 });
        await scene.push(['soon'], { delay: 10 });
        await scene.advance(10);
        expect(await waiting).toBe(QUEUE);
        expect(await claimOne(scene.consume())).toMatchObject({ id: 'soon' });
      });
    }
  });
}

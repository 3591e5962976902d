import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { QUEUE, Scene } from './scene.js';

/** Milliseconds, longer than any test: such a wait ends only if the test ends it. */
const LONG = 60_000;

export function describeListen(harness: DriverHarness): void {
  describe('listen', () => {
    const scene = new Scene(harness);

    it('ends at once if a job is ready already', async () => {
      await scene.push(['a']);
      expect(await scene.listen().wait(LONG)).toBe(QUEUE);
    });

    it('ends when a job is pushed', async () => {
      const waiting = scene.listen().wait(LONG);
      await scene.push(['a']);
      expect(await waiting).toBe(QUEUE);
    });

    it('ends again for each later push', async () => {
      const listener = scene.listen();
      const consumer = scene.consume();
      for (const id of ['a', 'b', 'c']) {
        const waiting = listener.wait(LONG);
        await scene.push([id]);
        expect(await waiting).toBe(QUEUE);
        expect(await consumer.claimOne()).toMatchObject({ id });
      }
    });

    it('returns the name of the queue that got the job', async () => {
      const listener = scene.listen('one', 'two', 'three');
      const waiting = listener.wait(LONG);
      await scene.push(['a'], { queue: 'two' });
      expect(await waiting).toBe('two');
      await scene.consume({ queue: 'two' }).claim();
      const waitingAgain = listener.wait(LONG);
      await scene.push(['b'], { queue: 'three' });
      expect(await waitingAgain).toBe('three');
    });

    it('ends when a job is released', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const job = await consumer.claimOne();
      const waiting = scene.listen().wait(LONG);
      await consumer.release(job);
      expect(await waiting).toBe(QUEUE);
    });

    it('ends without a queue when its time is up', async () => {
      const waiting = scene.listen().wait(50);
      await scene.advance(0.05);
      expect(await waiting).toBeNull();
    });

    it('does not end for a job of another queue', async () => {
      const waiting = scene.listen('one', 'two').wait(50);
      await scene.push(['a'], { queue: 'three' });
      await scene.advance(0.05);
      expect(await waiting).toBeNull();
    });

    it('wakes one listener for each push', async () => {
      const listeners = [scene.listen(), scene.listen(), scene.listen()];
      const waits = listeners.map((listener) => listener.wait(LONG));
      await scene.push(['a', 'b']);
      expect(await Promise.race(waits)).toBe(QUEUE);
      await Promise.all(listeners.map((listener) => listener.close()));
      expect((await Promise.all(waits)).filter((queue) => queue !== null)).toEqual([QUEUE]);
    });

    it('wakes another listener when a claim leaves ready jobs behind', async () => {
      const waits = [scene.listen(), scene.listen()].map((listener) => listener.wait(LONG));
      await scene.push(['a', 'b']);
      await Promise.race(waits);
      await scene.consume().claim(1);
      expect(await Promise.all(waits)).toEqual([QUEUE, QUEUE]);
    });

    it('ends when the listener is closed, and a later wait ends at once', async () => {
      const listener = scene.listen();
      const waiting = listener.wait(LONG);
      await listener.close();
      expect(await waiting).toBeNull();
      await scene.push(['a']);
      expect(await listener.wait(LONG)).toBeNull();
      await listener.close();
    });

    it('wakes an open listener for a push after another listener has been closed', async () => {
      const closed = scene.listen();
      const waitingInVain = closed.wait(LONG);
      const waiting = scene.listen().wait(LONG);
      await closed.close();
      await waitingInVain;
      await scene.push(['a']);
      expect(await waiting).toBe(QUEUE);
    });

    it('wakes another listener when the woken one passes its wake-up on', async () => {
      const listeners = [scene.listen(), scene.listen()];
      const waits = listeners.map(async (listener) => ({ listener, queue: await listener.wait(LONG) }));
      await scene.push(['a']);
      const { listener } = await Promise.race(waits);
      listener.pass(QUEUE);
      expect((await Promise.all(waits)).map(({ queue }) => queue)).toEqual([QUEUE, QUEUE]);
    });

    it('keeps a passed wake-up for the next listener if nobody waits', async () => {
      const first = scene.listen();
      await scene.push(['a']);
      expect(await first.wait(LONG)).toBe(QUEUE);
      first.pass(QUEUE);
      expect(await scene.listen().wait(LONG)).toBe(QUEUE);
    });

    it('ignores a wake-up that is passed for a queue that the listener does not watch', async () => {
      const listener = scene.listen('one');
      const waiting = scene.listen('two').wait(50);
      listener.pass('two');
      await scene.advance(0.05);
      expect(await waiting).toBeNull();
    });

    if (harness.supports.dueWakesListeners) {
      it('ends when a delayed job becomes due', async () => {
        const waiting = scene.listen().wait(LONG);
        await scene.push(['late'], { delay: 20 });
        await scene.push(['soon'], { delay: 10 });
        await scene.advance(10);
        expect(await waiting).toBe(QUEUE);
        expect(await scene.consume().claimOne()).toMatchObject({ id: 'soon' });
      });
    }
  });
}

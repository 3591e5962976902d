import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { complete, fail, release, retry, Scene, STATUS_TTL } from './scene.js';

export function describeProgress(harness: DriverHarness): void {
  describe('progress', () => {
    const scene = new Scene(harness);
    const told = async (id = 'a') => (await scene.driver.getStatus(id))?.progress;

    it('is part of the status while the job runs; the last value counts', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      const [a] = await consumer.claim();
      expect(await told()).toBeUndefined();
      expect(await consumer.note(a!, 1, { progress: '10' })).toBe(true);
      expect(await consumer.note(a!, 2, { progress: '{"page":"é \\"2\\"","of":[]}' })).toBe(true);
      expect(await told()).toBe('{"page":"é \\"2\\"","of":[]}');
      expect(await told('b')).toBeUndefined();
      expect((await scene.driver.getStatus('a'))?.state).toBe('processing');
    });

    it('changes nothing if it arrives again, or after a later one', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const [a] = await consumer.claim();
      await consumer.note(a!, 2, { progress: '20' });
      expect(await consumer.note(a!, 1, { progress: '10' })).toBe(true);
      expect(await consumer.note(a!, 2, { progress: '10' })).toBe(true);
      expect(await told()).toBe('20');
    });

    it('is refused of a consumer that does not hold the job under that fencing token', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      const [a, b] = await consumer.claim();
      expect(await scene.consume().note(a!, 1, { progress: '1' })).toBe(false);
      expect(await consumer.note({ ...a!, fence: b!.fence }, 1, { progress: '1' })).toBe(false);
      await consumer.complete(a!);
      expect(await consumer.note(a!, 1, { progress: '1' })).toBe(false);
      expect(await told()).toBeUndefined();
    });

    it('of a lost consumer is refused, and what it told before stays until the next attempt tells more', async () => {
      await scene.push(['a']);
      const lost = scene.consume();
      const alive = scene.consume();
      const job = await lost.claimOne();
      await lost.note(job, 7, { progress: '7' });
      await scene.outlive(lost, alive);
      const [again] = await alive.claimRecovered();
      expect(await told()).toBe('7');
      expect(await lost.note(job, 8, { progress: '8' })).toBe(false);
      expect(await alive.note(again!, 1, { progress: '9' })).toBe(true);
      expect(await told()).toBe('9');
    });

    it.each([
      ['complete', complete],
      ['fail', fail],
      ['retry', retry],
      ['release', release],
    ] as const)('comes with the settlement %s, too, and only if that is accepted', async (_, settle) => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const a = await consumer.claimOne();
      await consumer.settle({ ...settle(a), fence: a.fence - 1, note: { progress: '98' } });
      expect(await told()).toBeUndefined();
      await consumer.settle({ ...settle(a), note: { progress: '99' } });
      expect(await told()).toBe('99');
    });

    it('stays when the job is claimed again, and counts until its end', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.settle({ ...release(await consumer.claimOne()), note: { progress: '5' } });
      expect(await told()).toBe('5');
      const again = await consumer.claimOne();
      expect(await told()).toBe('5');
      await consumer.complete(again);
      expect(await told()).toBe('5');
    });

    it('goes with the status', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.settle({ ...complete(await consumer.claimOne()), note: { progress: '5' } });
      await scene.advance(STATUS_TTL + 1);
      expect(await scene.driver.getStatus('a')).toBeNull();
      await scene.push(['a'], { unique: true });
      expect(await told()).toBeUndefined();
    });

    it('goes with a job that is dropped', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.settle({ ...release(await consumer.claimOne()), note: { progress: '5' } });
      await scene.driver.clear('mail');
      await scene.push(['a']);
      expect(await told()).toBeUndefined();
      await consumer.claimOne();
      expect(await told()).toBeUndefined();
    });

    it('stays in a status that the application writes, and changes in it', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const a = await consumer.claimOne();
      await consumer.note(a, 1, { progress: '1' });
      await scene.driver.setStatus('a', 'cancelled', 'mine');
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'cancelled', error: 'mine', progress: '1' });
      await consumer.note(a, 2, { progress: '2' });
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'cancelled', error: 'mine', progress: '2' });
    });

    it('is refused when the consumer was closed', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const a = await consumer.claimOne();
      await consumer.close();
      await expect(consumer.note(a, 1, { progress: '1' })).rejects.toThrow('closed');
    });
  });

  describe('progress without kept statuses', () => {
    const scene = new Scene(harness, 0);

    it('is told as long as the job lives', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const a = await consumer.claimOne();
      await consumer.note(a, 1, { progress: '1' });
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'processing', progress: '1' });
      await consumer.retry(a, { delay: 5 });
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'retrying', progress: '1' });
      await scene.advance(5);
      await consumer.complete(await consumer.claimOne());
      expect(await scene.driver.getStatus('a')).toBeNull();
    });
  });
}

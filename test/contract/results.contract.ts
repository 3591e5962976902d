import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { complete, release, Scene, STATUS_TTL } from './scene.js';

export function describeResults(harness: DriverHarness): void {
  describe('a result', () => {
    const scene = new Scene(harness);
    const statusOf = (id: string) => scene.driver.getStatus(id);

    it('is told by the status of its job, and of no other one', async () => {
      await scene.push(['a', 'b', 'c']);
      const consumer = scene.consume();
      const [a, b, c] = await consumer.claim();
      const result = '{"text":"é \\",\\"progress\\":1","of":[]}\n';
      await consumer.settle(complete(a!, { result }), complete(b!), complete(c!, { result: '' }));
      expect(await statusOf('a')).toMatchObject({ state: 'completed', attempt: 1, result });
      expect((await statusOf('b'))?.result).toBeUndefined();
      expect(await statusOf('c')).toMatchObject({ state: 'completed', result: '' });
    });

    it('is not kept if the settlement is refused', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const a = await consumer.claimOne();
      await consumer.settle(complete({ ...a, fence: a.fence - 1 }, { result: '1', keepFor: 9 }));
      expect(await statusOf('a')).toMatchObject({ state: 'processing' });
      await consumer.complete(a);
      expect((await statusOf('a'))?.result).toBeUndefined();
    });

    it('is told beside the progress, and the name of the job', async () => {
      await scene.driver.push('mail', [{ id: 'a', body: '', delay: 0, name: 'one' }], true);
      const consumer = scene.consume();
      await consumer.settle({ ...release(await consumer.claimOne()), note: { progress: '50' } });
      await consumer.settle(complete(await consumer.claimOne(), { result: '7' }));
      expect(await statusOf('a')).toMatchObject({ state: 'completed', progress: '50', result: '7' });
    });

    it('that could not be kept leaves the reason', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.settle(complete(await consumer.claimOne(), { error: 'too "long"' }));
      expect(await statusOf('a')).toMatchObject({ state: 'completed', error: 'too "long"' });
      expect((await statusOf('a'))?.result).toBeUndefined();
    });

    it('goes with the status, which is kept longer if the job wants that', async () => {
      await scene.push(['a', 'b', 'c']);
      const consumer = scene.consume();
      const [a, b, c] = await consumer.claim();
      const longer = STATUS_TTL + 100;
      await consumer.settle(
        complete(a!, { result: '1' }),
        complete(b!, { result: '2', keepFor: longer }),
        complete(c!, { result: '3', keepFor: 5 }),
      );
      await scene.advance(STATUS_TTL - 10);
      expect((await statusOf('c'))?.result).toBe('3');
      await scene.advance(20);
      expect(await statusOf('a')).toBeNull();
      expect(await statusOf('c')).toBeNull();
      expect(await statusOf('b')).toMatchObject({ state: 'completed', result: '2' });
      await scene.advance(longer - STATUS_TTL);
      expect(await statusOf('b')).toBeNull();
    });

    it('stays in a status that the application writes, for its own time', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.settle(complete(await consumer.claimOne(), { result: '1', keepFor: STATUS_TTL + 100 }));
      await scene.driver.setStatus('a', 'failed', 'wrong');
      await scene.advance(STATUS_TTL + 50);
      expect(await statusOf('a')).toMatchObject({ state: 'failed', error: 'wrong', result: '1' });
      await scene.advance(60);
      expect(await statusOf('a')).toBeNull();
    });

    it('is not told of the next job that takes its id', async () => {
      await scene.driver.push('mail', [{ id: 'a', body: '', delay: 0, name: 'one' }], true);
      const consumer = scene.consume();
      await consumer.settle(complete(await consumer.claimOne(), { result: '1' }));
      await scene.driver.push('mail', [{ id: 'a', body: '', delay: 0, name: 'one', replacesEnded: true }], true);
      expect((await statusOf('a'))?.result).toBeUndefined();
      await consumer.complete(await consumer.claimOne());
      expect(await statusOf('a')).toMatchObject({ state: 'completed' });
      expect((await statusOf('a'))?.result).toBeUndefined();
    });
  });

  describe('a result without kept statuses', () => {
    const scene = new Scene(harness, 0);

    it('is kept for the time that the job wants; without one it is not', async () => {
      await scene.push(['a', 'b']);
      const consumer = scene.consume();
      const [a, b] = await consumer.claim();
      await consumer.settle(complete(a!, { result: '1', keepFor: 60 }), complete(b!, { result: '2' }));
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'completed', result: '1' });
      expect(await scene.driver.getStatus('b')).toBeNull();
      await scene.advance(61);
      expect(await scene.driver.getStatus('a')).toBeNull();
    });
  });
}

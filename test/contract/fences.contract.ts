import { describe, expect, it } from '@jest/globals';
import type { ClaimedJob } from '../../lib/drivers/queue-driver.interface.js';
import type { DriverHarness } from './driver-harness.js';
import { numbered, Scene } from './scene.js';

export function describeFences(harness: DriverHarness): void {
  describe('fencing tokens', () => {
    const scene = new Scene(harness);

    it('grow from job to job within a claim', async () => {
      await scene.push(numbered(300));
      expectToGrow(await scene.consume().claim(300));
    });

    it('grow from claim to claim, also of different consumers', async () => {
      await scene.push(numbered(60));
      const consumers = [scene.consume(), scene.consume(), scene.consume()];
      const all: ClaimedJob[] = [];
      for (let round = 0; round < 4; round++) {
        for (const consumer of consumers) all.push(...(await consumer.claim(5)));
      }
      expect(all).toHaveLength(60);
      expectToGrow(all);
    });

    it('grow with the clock of the storage', async () => {
      await scene.push(numbered(3));
      const consumer = scene.consume();
      const first = await consumer.claimOne();
      await scene.advance(100);
      const second = await consumer.claimOne();
      expect(second.fence - first.fence).toBeGreaterThanOrEqual(99_000);
      expect(second.fence).toBeGreaterThanOrEqual(second.pushedAt);
    });

    it('grow each time that the same job is claimed again', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const first = await consumer.claimOne();
      await consumer.release(first, { position: 'front' });
      const second = await consumer.claimOne();
      await consumer.retry(second);
      const third = await consumer.claimOne();
      await scene.outlive(consumer, scene.consume());
      const [fourth] = await scene.consume().claimRecovered();
      expectToGrow([first, second, third, fourth!]);
    });

    it('refuse a settlement of an earlier claim by the same consumer', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const earlier = await consumer.claimOne();
      await consumer.release(earlier);
      const job = await consumer.claimOne();
      expect((await consumer.complete(earlier)).refused).toEqual(['a']);
      expect((await consumer.retry(earlier)).refused).toEqual(['a']);
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'processing' });
      expect((await consumer.complete(job)).refused).toEqual([]);
    });

    it('are safe integers', async () => {
      await scene.push(numbered(2));
      const [a, b] = await scene.consume().claim();
      expect(Number.isSafeInteger(a!.fence)).toBe(true);
      expect(Number.isSafeInteger(b!.fence)).toBe(true);
    });
  });
}

function expectToGrow(jobs: readonly ClaimedJob[]): void {
  const fences = jobs.map((job) => job.fence);
  expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b));
}

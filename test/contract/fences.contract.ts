import { describe, expect, it } from '@jest/globals';
import type { ClaimedJob } from '../../lib/drivers/queue-driver.interface.js';
import type { DriverHarness } from './driver-harness.js';
import { claim, claimOne, claimRecovered, complete, numbered, release, retry, Scene, settle } from './scene.js';

export function describeFences(harness: DriverHarness): void {
  describe('fences', () => {
    const scene = new Scene(harness);

    it('grow with each job of a claim, in its order', async () => {
      await scene.push(numbered(300));
      expectToGrow(await claim(scene.consume(), 300));
    });

    it('grow from claim to claim, whoever claims', async () => {
      await scene.push(numbered(60));
      const consumers = [scene.consume(), scene.consume(), scene.consume()];
      const all: ClaimedJob[] = [];
      for (let round = 0; round < 4; round++) {
        for (const consumer of consumers) all.push(...(await claim(consumer, 5)));
      }
      expect(all).toHaveLength(60);
      expectToGrow(all);
    });

    it('grow with time', async () => {
      await scene.push(numbered(3));
      const consumer = scene.consume();
      const first = await claimOne(consumer);
      await scene.advance(100);
      const second = await claimOne(consumer);
      expect(second.fence - first.fence).toBeGreaterThanOrEqual(99_000);
      expect(second.fence).toBeGreaterThanOrEqual(second.pushedAt);
    });

    it('grow each time that a job is handed out', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const first = await claimOne(consumer);
      await settle(consumer, release(first, { position: 'front' }));
      const second = await claimOne(consumer);
      await settle(consumer, retry(second));
      const third = await claimOne(consumer);
      await scene.outlive(consumer, scene.consume());
      const [fourth] = await claimRecovered(scene.consume());
      expectToGrow([first, second, third, fourth!]);
    });

    it('keep out what was said of an earlier time the same consumer had the job', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      const earlier = await claimOne(consumer);
      await settle(consumer, release(earlier));
      const job = await claimOne(consumer);
      expect((await settle(consumer, complete(earlier))).refused).toEqual(['a']);
      expect((await settle(consumer, retry(earlier))).refused).toEqual(['a']);
      expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'processing' });
      expect((await settle(consumer, complete(job))).refused).toEqual([]);
    });

    it('are numbers that lose nothing', async () => {
      await scene.push(numbered(2));
      const [a, b] = await claim(scene.consume());
      expect(Number.isSafeInteger(a!.fence)).toBe(true);
      expect(Number.isSafeInteger(b!.fence)).toBe(true);
    });
  });
}

function expectToGrow(jobs: readonly ClaimedJob[]): void {
  const fences = jobs.map((job) => job.fence);
  expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b));
}

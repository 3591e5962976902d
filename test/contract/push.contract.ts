import { describe, expect, it } from '@jest/globals';
import type { DriverHarness } from './driver-harness.js';
import { idsOf, QUEUE, Scene } from './scene.js';

export function describePush(harness: DriverHarness): void {
  describe('push', () => {
    const scene = new Scene(harness);

    it('stores jobs in their order, behind the stored jobs', async () => {
      await scene.push(['c', 'a']);
      await scene.push(['b']);
      expect(idsOf(await scene.consume().drain())).toEqual(['c', 'a', 'b']);
    });

    it('does nothing for an empty list of jobs', async () => {
      await scene.driver.push(QUEUE, [], false);
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
    });

    it.each([
      ['of one character', 'x'],
      ['with line breaks and tabs', 'hName\t{"m":1}\n{"a":"b\\n"}\r\n'],
      ['with a zero character', 'a\0b'],
      ['beyond the basic plane', '😀 ünïcödé 中文'],
      ['that looks like a number', '0123456789012345678901234567890'],
      ['that looks like an empty list', '[]'],
      ['of 300,000 characters', 'ä'.repeat(300_000)],
    ])('stores a body %s without a change', async (_, body) => {
      await scene.driver.push(QUEUE, [{ id: 'a', body, delay: 0 }], false);
      expect((await scene.consume().claimOne()).body).toBe(body);
    });

    it('stores jobs in their own queue only', async () => {
      await scene.push(['a'], { queue: 'mail' });
      await scene.push(['b'], { queue: 'mail.urgent' });
      expect(idsOf(await scene.consume({ queue: 'mail.urgent' }).claim())).toEqual(['b']);
      expect(idsOf(await scene.consume({ queue: 'mail' }).claim())).toEqual(['a']);
    });

    it('stores delayed and ready jobs in one call', async () => {
      const job = (id: string, delay: number) => ({ id, body: id, delay });
      await scene.driver.push(QUEUE, [job('a', 0), job('b', 10), job('c', 0)], false);
      expect(idsOf(await scene.consume().claim())).toEqual(['a', 'c']);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, delayed: 1, reserved: 2 });
    });

    it('stores the push time by the clock of the storage', async () => {
      const consumer = scene.consume();
      await scene.push(['a']);
      await scene.advance(7);
      await scene.push(['b'], { delay: 5 });
      await scene.advance(5);
      const [a, b] = await consumer.claim();
      const apart = b!.pushedAt - a!.pushedAt;
      expect(apart).toBeGreaterThanOrEqual(7_000);
      expect(apart).toBeLessThan(8_000);
    });

    describe('with ids of the application', () => {
      it('skips jobs whose ids are ready or delayed already', async () => {
        await scene.push(['a'], { unique: true });
        await scene.push(['b'], { unique: true, delay: 10 });
        await scene.push(['a', 'b', 'c'], { unique: true });
        expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 2, delayed: 1 });
        expect(idsOf(await scene.consume().drain())).toEqual(['a', 'c']);
      });

      it('stores the first of two jobs with the same id in one call', async () => {
        const jobs = ['first', 'second'].map((body) => ({ id: 'a', body, delay: 0 }));
        await scene.driver.push(QUEUE, jobs, true);
        const claimed = await scene.consume().claim();
        expect(claimed.map((job) => job.body)).toEqual(['first']);
      });

      it('does not change a stored job with the same id', async () => {
        await scene.push(['a'], { unique: true });
        await scene.driver.push(QUEUE, [{ id: 'a', body: 'another', delay: 60 }], true);
        expect(await scene.consume().claimOne()).toMatchObject({ id: 'a', body: 'body of a' });
      });
    });
  });
}

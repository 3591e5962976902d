import { describe, expect, it } from '@jest/globals';
import { MAX_PUSH } from '../../lib/drivers/queue-driver.interface.js';
import type { DriverHarness } from './driver-harness.js';
import { expectDueIn, idsOf, numbered, QUEUE, Scene, settlement } from './scene.js';

export function describeLimits(harness: DriverHarness): void {
  describe('limits', () => {
    const scene = new Scene(harness);

    it('stores the most jobs that one push may carry, and keeps their order', async () => {
      const jobs = numbered(MAX_PUSH).map((id) => ({ id, body: id.repeat(100), delay: 0 }));
      await scene.driver.push(QUEUE, jobs, false);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: MAX_PUSH });
      const claimed = await scene.consume().drain(300);
      expect(claimed.map(({ id, body }) => ({ id, body, delay: 0 }))).toEqual(jobs);
    });

    it('keeps the order of 3,000 jobs', async () => {
      const ids = numbered(3_000);
      await scene.push(ids);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 3_000 });
      expect(idsOf(await scene.consume().drain(300))).toEqual(ids);
    });

    it('stores 3,000 jobs with ids of the application, and skips 1,000 that are stored already', async () => {
      const ids = numbered(3_000);
      await scene.push(ids.slice(1_000, 2_000), { unique: true });
      await scene.push(ids, { unique: true });
      const expected = [...ids.slice(1_000, 2_000), ...ids.slice(0, 1_000), ...ids.slice(2_000)];
      expect(idsOf(await scene.consume().drain(300))).toEqual(expected);
    });

    it('hands out 3,000 delayed jobs that become due at the same time, in their order', async () => {
      const ids = numbered(3_000);
      await scene.push(ids, { delay: 60 });
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, delayed: 3_000 });
      await scene.advance(60);
      expect(idsOf(await scene.consume().drain(150))).toEqual(ids);
    });

    it.each(['front', 'back'] as const)(
      'keeps the order of 400 jobs that several polls release to the %s',
      async (position) => {
        const ids = numbered(500);
        await scene.push(ids);
        const consumer = scene.consume();
        const { claims, costly } = consumer.limits;
        const jobs = [...(await consumer.claim(claims)), ...(await consumer.claim(400 - claims))];
        const left = jobs.map((job) => settlement.release(job, { position }));
        // The jobs that were claimed last are requeued first.
        while (left.length > 0) await consumer.settle(...left.splice(position === 'front' ? -costly : 0, costly));
        const turned = [...ids.slice(400), ...ids.slice(0, 400)];
        expect(idsOf(await consumer.drain(claims))).toEqual(position === 'front' ? ids : turned);
      },
    );

    it('keeps the order of 65 jobs that go to the front in a poll with 60 retries', async () => {
      await scene.push(numbered(150));
      const consumer = scene.consume();
      const jobs = await consumer.claim(consumer.limits.costly);
      const others = jobs.slice(0, 60).map((job) => settlement.retry(job, { delay: 3_600 }));
      await consumer.settle(...others, ...jobs.slice(60).map((job) => settlement.release(job, { position: 'front' })));
      expect(idsOf(await consumer.drain())).toEqual(numbered(150).slice(60));
    });

    it('names each refused settlement of a full poll', async () => {
      await scene.push(numbered(125));
      const consumer = scene.consume();
      const jobs = await consumer.claim(125);
      const old = jobs
        .filter((_, i) => i % 3 === 0)
        .map((job) => settlement.fail({ ...job, fence: job.fence - 1_000 }));
      const { refused } = await consumer.poll({ settlements: old });
      expect(refused).toEqual(old.map(({ id }) => id));
      await consumer.settle(...jobs.map((job) => settlement.fail(job)));
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, reserved: 0, failed: 125 });
    });

    it('asks for another poll if one poll has not promoted all due jobs', async () => {
      await scene.push(numbered(3_000), { delay: 60 });
      await scene.advance(60);
      const { more, nextDue } = await scene.consume().poll({ limit: 300, recovered: true });
      expect(more || nextDue === 0).toBe(true);
    });

    it('claims as many jobs as one poll may', async () => {
      const consumer = scene.consume();
      const { claims } = consumer.limits;
      await scene.push(numbered(claims + 1));
      expect(idsOf(await consumer.claim(claims))).toEqual(numbered(claims));
    });

    it('settles as many jobs as one poll may, in four kinds of settlement', async () => {
      const consumer = scene.consume();
      const { claims, settlements, costly } = consumer.limits;
      await scene.push(numbered(settlements));
      const jobs = [];
      while (jobs.length < settlements) {
        jobs.push(...(await consumer.claim(Math.min(claims, settlements - jobs.length))));
      }
      const ways = [settlement.fail, settlement.retry, settlement.release];
      const ends = jobs.map((job, i) => (i < costly ? ways[i % 3]!(job) : settlement.complete(job)));
      expect((await consumer.settle(...ends)).refused).toEqual([]);
      const failed = Math.ceil(costly / 3);
      const counts = { ready: costly - failed, blocked: 0, delayed: 0, reserved: 0, failed };
      expect(await scene.driver.counts(QUEUE)).toEqual(counts);
    });

    it('stores a job with a delay of ten years', async () => {
      const tenYears = 10 * 365.25 * 86_400;
      await scene.push(['a'], { delay: tenYears });
      const { nextDue } = await scene.consume().poll({ limit: 1, recovered: true });
      expectDueIn(nextDue, tenYears);
    });

    it('accepts queue names and ids of the greatest length', async () => {
      const queue = `q${'.'.repeat(62)}-`;
      const id = '_'.repeat(64);
      await scene.push([id], { queue });
      const consumer = scene.consume({ queue });
      const [job] = await consumer.claim();
      expect((await consumer.complete(job!)).refused).toEqual([]);
      expect(await scene.driver.getStatus(id)).toMatchObject({ state: 'completed', queue });
      expect(await scene.driver.queues()).toEqual([queue]);
    });

    it('accepts ids and queue names that are words of JavaScript or of the key layout', async () => {
      const names = ['constructor', 'toString', 'delayed', 'jobs', 'workers'];
      for (const name of names) await scene.push([name, `__${name}__`], { queue: name });
      for (const name of names) {
        expect(await scene.driver.getStatus(`__${name}__`)).toMatchObject({ state: 'queued', queue: name });
        const jobs = await scene.consume({ queue: name }).drain();
        expect(idsOf(jobs)).toEqual([name, `__${name}__`]);
      }
      expect(await scene.driver.queues()).toEqual([...names].sort());
    });

    it.each(['__proto__', '0', '-', '_'])('accepts the id %s', async (id) => {
      await scene.push([id], { unique: true });
      expect(await scene.driver.getStatus(id)).toMatchObject({ state: 'queued' });
      expect(idsOf(await scene.consume().drain())).toEqual([id]);
      expect(await scene.driver.getStatus(id)).toMatchObject({ state: 'completed' });
    });
  });
}

import { describe, expect, it } from '@jest/globals';
import { MAX_PUSH } from '../../lib/drivers/queue-driver.interface.js';
import type { DriverHarness } from './driver-harness.js';
import {
  claim,
  complete,
  drain,
  expectDueIn,
  fail,
  idsOf,
  numbered,
  QUEUE,
  release,
  retry,
  Scene,
  settle,
} from './scene.js';

export function describeLimits(harness: DriverHarness): void {
  describe('limits', () => {
    const scene = new Scene(harness);

    it('takes a push of as many jobs as it may carry, and keeps their order', async () => {
      const jobs = numbered(MAX_PUSH).map((id) => ({ id, body: id.repeat(100), delay: 0 }));
      await scene.driver.push(QUEUE, jobs, false);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: MAX_PUSH });
      const claimed = await drain(scene.consume(), 1_000);
      expect(claimed.map(({ id, body }) => ({ id, body, delay: 0 }))).toEqual(jobs);
    });

    it('keeps the order of thousands of jobs', async () => {
      const ids = numbered(3_000);
      await scene.push(ids);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 3_000 });
      expect(idsOf(await drain(scene.consume(), 1_000))).toEqual(ids);
    });

    it('takes thousands of jobs with ids of the application, some of them there', async () => {
      const ids = numbered(3_000);
      await scene.push(ids.slice(1_000, 2_000), { unique: true });
      await scene.push(ids, { unique: true });
      const expected = [...ids.slice(1_000, 2_000), ...ids.slice(0, 1_000), ...ids.slice(2_000)];
      expect(idsOf(await drain(scene.consume(), 1_000))).toEqual(expected);
    });

    it('takes thousands of delayed jobs, due at once', async () => {
      const ids = numbered(3_000);
      await scene.push(ids, { delay: 60 });
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, delayed: 3_000 });
      await scene.advance(60);
      expect(idsOf(await drain(scene.consume(), 150))).toEqual(ids);
    });

    it.each(['front', 'back'] as const)(
      'keeps the order of hundreds of jobs that go back to the %s at once',
      async (position) => {
        const ids = numbered(900);
        await scene.push(ids);
        const consumer = scene.consume();
        const jobs = await claim(consumer, 800);
        await settle(consumer, ...jobs.map((job) => release(job, { position })));
        const turned = [...ids.slice(800), ...ids.slice(0, 800)];
        expect(idsOf(await drain(consumer, 1_000))).toEqual(position === 'front' ? ids : turned);
      },
    );

    it('keeps the order of what goes back to the front beside much else', async () => {
      await scene.push(numbered(200));
      const consumer = scene.consume();
      const jobs = await claim(consumer, 160);
      const others = jobs.slice(0, 60).map((job) => retry(job, { delay: 3_600 }));
      await settle(consumer, ...others, ...jobs.slice(60).map((job) => release(job, { position: 'front' })));
      expect(idsOf(await drain(consumer, 1_000))).toEqual(numbered(200).slice(60));
    });

    it('tells which ones it refuses of hundreds that fail at once', async () => {
      await scene.push(numbered(400));
      const consumer = scene.consume();
      const jobs = await claim(consumer, 400);
      const old = jobs
        .filter((_, i) => i % 3 === 0)
        .map((job) => fail(job))
        .map((settlement) => Object.assign(settlement, { fence: settlement.fence - 1_000 }));
      const { refused } = await consumer.poll({ settlements: old, limit: 0, recovered: false });
      expect(refused).toEqual(old.map(({ id }) => id));
      await settle(consumer, ...jobs.map((job) => fail(job)));
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, reserved: 0, failed: 400 });
    });

    it('says that there is more while a poll has not come to all that is due', async () => {
      await scene.push(numbered(3_000), { delay: 60 });
      await scene.advance(60);
      const { more, nextDue } = await scene.consume().poll({ settlements: [], limit: 1_000, recovered: true });
      expect(more || nextDue === 0).toBe(true);
    });

    it('claims no more than 1,000 where 1,000 are asked for', async () => {
      await scene.push(numbered(1_001));
      const consumer = scene.consume();
      const first = await claim(consumer, 1_000);
      expect(first.length).toBeGreaterThan(0);
      expect(first.length).toBeLessThanOrEqual(1_000);
      expect(idsOf(first)).toEqual(numbered(first.length));
    });

    it('settles 1,000 jobs in one poll, each in its way', async () => {
      await scene.push(numbered(1_000));
      const consumer = scene.consume();
      const jobs = [];
      while (jobs.length < 1_000) jobs.push(...(await claim(consumer, 1_000 - jobs.length)));
      const ways = [complete, fail, retry, release];
      const { refused } = await settle(consumer, ...jobs.map((job, index) => ways[index % 4]!(job)));
      expect(refused).toEqual([]);
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 500, delayed: 0, reserved: 0, failed: 250 });
    });

    it('takes a delay of ten years', async () => {
      const tenYears = 10 * 365.25 * 86_400;
      await scene.push(['a'], { delay: tenYears });
      const { nextDue } = await scene.consume().poll({ settlements: [], limit: 1, recovered: true });
      expectDueIn(nextDue, tenYears);
    });

    it('takes names and ids of full length', async () => {
      const queue = `q${'.'.repeat(62)}-`;
      const id = '_'.repeat(64);
      await scene.push([id], { queue });
      const consumer = scene.consume({ queue });
      const [job] = await claim(consumer);
      expect((await settle(consumer, complete(job!))).refused).toEqual([]);
      expect(await scene.driver.getStatus(id)).toMatchObject({ state: 'completed', queue });
      expect(await scene.driver.queues()).toEqual([queue]);
    });

    it('takes ids and queue names that mean something to who stores them', async () => {
      const names = ['constructor', 'toString', 'delayed', 'jobs', 'workers'];
      for (const name of names) await scene.push([name, `__${name}__`], { queue: name });
      for (const name of names) {
        expect(await scene.driver.getStatus(`__${name}__`)).toMatchObject({ state: 'queued', queue: name });
        const jobs = await drain(scene.consume({ queue: name }));
        expect(idsOf(jobs)).toEqual([name, `__${name}__`]);
      }
      expect(await scene.driver.queues()).toEqual([...names].sort());
    });

    it.each(['__proto__', '0', '-', '_'])('takes the id %s', async (id) => {
      await scene.push([id], { unique: true });
      expect(await scene.driver.getStatus(id)).toMatchObject({ state: 'queued' });
      expect(idsOf(await drain(scene.consume()))).toEqual([id]);
      expect(await scene.driver.getStatus(id)).toMatchObject({ state: 'completed' });
    });
  });
}

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
      const claimed = await drain(scene.consume(), 300);
      expect(claimed.map(({ id, body }) => ({ id, body, delay: 0 }))).toEqual(jobs);
    });

    it('keeps the order of thousands of jobs', async () => {
      const ids = numbered(3_000);
      await scene.push(ids);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 3_000 });
      expect(idsOf(await drain(scene.consume(), 300))).toEqual(ids);
    });

    it('takes thousands of jobs with ids of the application, some of them there', async () => {
      const ids = numbered(3_000);
      await scene.push(ids.slice(1_000, 2_000), { unique: true });
      await scene.push(ids, { unique: true });
      const expected = [...ids.slice(1_000, 2_000), ...ids.slice(0, 1_000), ...ids.slice(2_000)];
      expect(idsOf(await drain(scene.consume(), 300))).toEqual(expected);
    });

    it('takes thousands of delayed jobs, due at once', async () => {
      const ids = numbered(3_000);
      await scene.push(ids, { delay: 60 });
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, delayed: 3_000 });
      await scene.advance(60);
      expect(idsOf(await drain(scene.consume(), 150))).toEqual(ids);
    });

    it.each(['front', 'back'] as const)(
      'keeps the order of hundreds of jobs that go back to the %s',
      async (position) => {
        const ids = numbered(500);
        await scene.push(ids);
        const consumer = scene.consume();
        const { claims, costly } = consumer.limits;
        const jobs = [...(await claim(consumer, claims)), ...(await claim(consumer, 400 - claims))];
        const left = jobs.map((job) => release(job, { position }));
        // Those that were claimed last go to the front first.
        while (left.length > 0) await settle(consumer, ...left.splice(position === 'front' ? -costly : 0, costly));
        const turned = [...ids.slice(400), ...ids.slice(0, 400)];
        expect(idsOf(await drain(consumer, claims))).toEqual(position === 'front' ? ids : turned);
      },
    );

    it('keeps the order of what goes back to the front beside much else', async () => {
      await scene.push(numbered(150));
      const consumer = scene.consume();
      const jobs = await claim(consumer, consumer.limits.costly);
      const others = jobs.slice(0, 60).map((job) => retry(job, { delay: 3_600 }));
      await settle(consumer, ...others, ...jobs.slice(60).map((job) => release(job, { position: 'front' })));
      expect(idsOf(await drain(consumer))).toEqual(numbered(150).slice(60));
    });

    it('tells which ones it refuses of many that fail at once', async () => {
      await scene.push(numbered(125));
      const consumer = scene.consume();
      const jobs = await claim(consumer, 125);
      const old = jobs
        .filter((_, i) => i % 3 === 0)
        .map((job) => fail(job))
        .map((settlement) => Object.assign(settlement, { fence: settlement.fence - 1_000 }));
      const { refused } = await consumer.poll({ settlements: old, limit: 0, recovered: false });
      expect(refused).toEqual(old.map(({ id }) => id));
      await settle(consumer, ...jobs.map((job) => fail(job)));
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, reserved: 0, failed: 125 });
    });

    it('says that there is more while a poll has not come to all that is due', async () => {
      await scene.push(numbered(3_000), { delay: 60 });
      await scene.advance(60);
      const { more, nextDue } = await scene.consume().poll({ settlements: [], limit: 300, recovered: true });
      expect(more || nextDue === 0).toBe(true);
    });

    it('claims as many jobs as one poll may', async () => {
      const consumer = scene.consume();
      const { claims } = consumer.limits;
      await scene.push(numbered(claims + 1));
      expect(idsOf(await claim(consumer, claims))).toEqual(numbered(claims));
    });

    it('settles as many jobs as one poll may, each in its way', async () => {
      const consumer = scene.consume();
      const { claims, settlements, costly } = consumer.limits;
      await scene.push(numbered(settlements));
      const jobs = [];
      while (jobs.length < settlements) {
        jobs.push(...(await claim(consumer, Math.min(claims, settlements - jobs.length))));
      }
      const ways = [fail, retry, release];
      const ends = jobs.map((job, i) => (i < costly ? ways[i % 3]!(job) : complete(job)));
      expect((await settle(consumer, ...ends)).refused).toEqual([]);
      const failed = Math.ceil(costly / 3);
      const counts = { ready: costly - failed, delayed: 0, reserved: 0, failed };
      expect(await scene.driver.counts(QUEUE)).toEqual(counts);
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

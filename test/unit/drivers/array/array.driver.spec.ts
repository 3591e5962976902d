import { beforeEach, describe, expect, it } from '@jest/globals';
import { ArrayDriver } from '../../../../lib/drivers/array/array.driver.js';
import type { QueueConsumer, PollRequest } from '../../../../lib/drivers/queue-driver.interface.js';
import { FakeClock } from '../../../support/fake-clock.js';

const IDLE: PollRequest = { settlements: [], limit: 0, recovered: false };
const ONE: PollRequest = { settlements: [], limit: 1, recovered: true };
const MINUTE = 60_000;

/** What the conformance suite leaves open, and this driver promises. */
describe('ArrayDriver', () => {
  let clock: FakeClock;
  let driver: ArrayDriver;

  beforeEach(() => {
    clock = new FakeClock();
    driver = new ArrayDriver({ statusTtl: 60, clock });
  });

  const push = (id: string, delay = 0, queue = 'mail') => driver.push(queue, [{ id, body: id, delay }], false);
  const consume = (): QueueConsumer => driver.consume('mail', { lease: 30, onLost: () => {} });

  describe('sets no timer', () => {
    it('for waiting jobs, or for consumers without jobs', async () => {
      await push('a');
      await push('b', 10);
      await consume().poll(IDLE);
      expect(clock.pending).toBe(0);
    });

    it('except one for each consumer with claimed jobs', async () => {
      await push('a');
      const consumer = consume();
      const { jobs } = await consumer.poll(ONE);
      expect(clock.pending).toBe(1);
      await clock.advance(1_000);
      expect(clock.pending).toBe(1);
      await consumer.poll({ ...IDLE, settlements: [{ kind: 'complete', id: 'a', fence: jobs[0]!.fence }] });
      expect(clock.pending).toBe(0);
    });

    it('except one for each wait, and one for the next delayed job of a queue with a waiting listener', async () => {
      await push('a', 10);
      const [one, other] = [driver.listen(['mail']), driver.listen(['mail', 'images'])];
      const waits = [one.wait(MINUTE), other.wait(MINUTE)];
      expect(clock.pending).toBe(3);
      await push('b', 5);
      expect(clock.pending).toBe(3);
      await driver.clear('mail');
      expect(clock.pending).toBe(2);
      await one.close();
      await other.close();
      await Promise.all(waits);
      expect(clock.pending).toBe(0);
    });

    it('after it was closed', async () => {
      await push('a');
      await push('b', 10);
      const waiting = driver.listen(['images']).wait(MINUTE);
      await consume().poll(ONE);
      await consume().poll(IDLE);
      await driver.close();
      await waiting;
      expect(clock.pending).toBe(0);
      expect(await driver.listen(['mail']).wait(MINUTE)).toBeNull();
      expect(clock.pending).toBe(0);
    });

    it('for a consumer that was closed', async () => {
      await push('a');
      const consumer = consume();
      await consumer.poll(ONE);
      await consumer.close();
      expect(clock.pending).toBe(0);
    });
  });

  describe('wakes', () => {
    it('the listener that has waited longest', async () => {
      const woken: string[] = [];
      const wait = (name: string) =>
        driver
          .listen(['mail'])
          .wait(MINUTE)
          .then(() => woken.push(name));
      void wait('first');
      void wait('second');
      await push('a');
      await clock.advance(0);
      expect(woken).toEqual(['first']);
      void wait('third');
      await push('b');
      await clock.advance(0);
      expect(woken).toEqual(['first', 'second']);
    });

    it('one listener for a delayed job, when it is due', async () => {
      const woken: number[] = [];
      const wait = () =>
        driver
          .listen(['mail'])
          .wait(MINUTE)
          .then(() => woken.push(clock.now()));
      const start = clock.now();
      void wait();
      void wait();
      await push('a', 20);
      await push('b', 10);
      await clock.advance(9.999);
      expect(woken).toEqual([]);
      await clock.advance(0.001);
      expect(woken).toEqual([start + 10_000]);
      await clock.advance(10);
      expect(woken).toEqual([start + 10_000, start + 20_000]);
    });

    it('a listener at once if a delayed job is due when its wait begins', async () => {
      await push('a', 10);
      await clock.advance(10);
      expect(await driver.listen(['images', 'mail']).wait(MINUTE)).toBe('mail');
    });

    it('a listener when counts() promotes a due job', async () => {
      const waiting = driver.listen(['mail']).wait(MINUTE);
      await push('a', 10);
      await clock.advance(10);
      await driver.counts('mail');
      expect(await waiting).toBe('mail');
    });

    it('no listener for a job that is skipped', async () => {
      await driver.push('mail', [{ id: 'a', body: 'a', delay: 0 }], true);
      await driver.listen(['mail']).wait(MINUTE);
      const waiting = driver.listen(['mail']).wait(1_000);
      await driver.push('mail', [{ id: 'a', body: 'a', delay: 0 }], true);
      await clock.advance(1);
      expect(await waiting).toBeNull();
    });
  });

  it('promotes due jobs when it counts', async () => {
    await push('a', 10);
    await clock.advance(10);
    expect(await driver.counts('mail')).toMatchObject({ ready: 1, delayed: 0 });
  });

  it('skips a job whose id is live in another queue, because ids are unique in the driver', async () => {
    await push('a', 0, 'mail');
    await push('a', 0, 'images');
    expect(await driver.counts('images')).toMatchObject({ ready: 0 });
    expect(await driver.getStatus('a')).toMatchObject({ queue: 'mail' });
  });

  it('stores no queue that was only counted', async () => {
    for (let i = 0; i < 100; i++) await driver.counts(`queue-${i}`);
    expect((driver as unknown as { states: Map<string, unknown> }).states.size).toBe(0);
  });
});

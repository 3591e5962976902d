import { beforeEach, describe, expect, it } from '@jest/globals';
import { QueueNotifier } from '../../../lib/worker/queue-notifier.js';
import { deferred, type Deferred } from '../../support/deferred.js';
import { FakeClock } from '../../support/fake-clock.js';
import { quiet } from '../../support/quiet.js';

describe('QueueNotifier', () => {
  let clock: FakeClock;
  let waits: { milliseconds: number; end: Deferred<string | null> }[];
  let passed: string[];
  let woken: (string | null)[];
  let closings: number;
  let watch: QueueNotifier;

  beforeEach(() => {
    clock = new FakeClock();
    waits = [];
    passed = [];
    woken = [];
    closings = 0;
    const listener = {
      wait(milliseconds: number): Promise<string | null> {
        waits.push({ milliseconds, end: deferred() });
        return waits.at(-1)!.end.promise;
      },
      pass: (queue: string) => void passed.push(queue),
      async close() {
        closings++;
        waits.at(-1)?.end.resolve(null);
      },
    };
    watch = new QueueNotifier(listener, clock, (queue) => woken.push(queue));
  });

  it('waits once at a time, for five seconds, and says what woke it', async () => {
    void watch.wait();
    void watch.wait();
    expect(waits.map(({ milliseconds }) => milliseconds)).toEqual([5_000]);
    waits[0]!.end.resolve('mail');
    await clock.advance(0);
    expect(woken).toEqual(['mail']);
    void watch.wait();
    expect(waits).toHaveLength(2);
    waits[1]!.end.resolve(null);
    await quiet();
    expect(woken).toEqual(['mail', null]);
  });

  it('wakes when a delayed job is due', async () => {
    watch.setDue('mail', 2_000);
    watch.setDue('images', 3_000);
    await clock.advance(1.999);
    expect(woken).toEqual([]);
    await clock.advance(0.001);
    expect(woken).toEqual(['mail']);
    await clock.advance(1);
    expect(woken).toEqual(['mail', 'images']);
  });

  it('goes by the last it heard of a queue', async () => {
    watch.setDue('mail', 2_000);
    watch.setDue('mail', 5_000);
    await clock.advance(4);
    expect(woken).toEqual([]);
    watch.setDue('mail', null);
    await clock.advance(4);
    expect(woken).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('hands wake-ups on', () => {
    watch.pass('mail');
    expect(passed).toEqual(['mail']);
  });

  it('is silent once it is closed, and leaves no timer', async () => {
    void watch.wait();
    watch.setDue('mail', 2_000);
    await watch.close();
    watch.setDue('mail', 1_000);
    void watch.wait();
    await clock.advance(10);
    expect(woken).toEqual([]);
    expect(waits).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('leaves it to others, when it is closed, to find out when the next job is due', async () => {
    watch.setDue('mail', 2_000);
    watch.setDue('images', 3_000);
    watch.setDue('images', null);
    await watch.close();
    await watch.close();
    expect(passed).toEqual(['mail']);
    expect(closings).toBe(1);
  });

  it('lets the event loop turn between waits that end at once, as those of a closed listener do', async () => {
    const MANY = 1_000;
    let ended = 0;
    const closed = { wait: async () => null, pass: () => {}, close: async () => {} };
    const again: QueueNotifier = new QueueNotifier(closed, clock, () => {
      if (++ended < MANY) void again.wait();
    });
    void again.wait();
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toBeGreaterThan(0);
    expect(ended).toBeLessThan(MANY);
    await again.close();
  });
});

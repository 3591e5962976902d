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
  let notifier: QueueNotifier;

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
    notifier = new QueueNotifier(listener, clock, (queue) => woken.push(queue));
  });

  it('waits for five seconds, once at a time, and reports the queue that woke it', async () => {
    void notifier.wait();
    void notifier.wait();
    expect(waits.map(({ milliseconds }) => milliseconds)).toEqual([5_000]);
    waits[0]!.end.resolve('mail');
    await clock.advance(0);
    expect(woken).toEqual(['mail']);
    void notifier.wait();
    expect(waits).toHaveLength(2);
    waits[1]!.end.resolve(null);
    await quiet();
    expect(woken).toEqual(['mail', null]);
  });

  it('waits without a limit for a listener that loses no wake-up', () => {
    const limits: number[] = [];
    const wait = (milliseconds: number): Promise<null> => {
      limits.push(milliseconds);
      return new Promise(() => {});
    };
    const reliable = { isReliable: true, wait, pass() {}, async close() {} };
    void new QueueNotifier(reliable, clock, () => {}).wait();
    expect(limits).toEqual([Infinity]);
    expect(clock.pending).toBe(0);
  });

  it('wakes when a delayed job is due', async () => {
    notifier.setDue('mail', 2_000);
    notifier.setDue('images', 3_000);
    await clock.advance(1.999);
    expect(woken).toEqual([]);
    await clock.advance(0.001);
    expect(woken).toEqual(['mail']);
    await clock.advance(1);
    expect(woken).toEqual(['mail', 'images']);
  });

  it('uses the latest due time of each queue', async () => {
    notifier.setDue('mail', 2_000);
    notifier.setDue('mail', 5_000);
    await clock.advance(4);
    expect(woken).toEqual([]);
    notifier.setDue('mail', null);
    await clock.advance(4);
    expect(woken).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('passes a wake-up on to its listener', () => {
    notifier.pass('mail');
    expect(passed).toEqual(['mail']);
  });

  it('wakes nothing after it was closed, and leaves no timer', async () => {
    void notifier.wait();
    notifier.setDue('mail', 2_000);
    await notifier.close();
    notifier.setDue('mail', 1_000);
    void notifier.wait();
    await clock.advance(10);
    expect(woken).toEqual([]);
    expect(waits).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('wakes another worker for each pending due time when it is closed', async () => {
    notifier.setDue('mail', 2_000);
    notifier.setDue('images', 3_000);
    notifier.setDue('images', null);
    await notifier.close();
    await notifier.close();
    expect(passed).toEqual(['mail']);
    expect(closings).toBe(1);
  });

  it('lets the event loop turn between waits that end at once', async () => {
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

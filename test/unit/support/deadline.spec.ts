import { beforeEach, describe, expect, it } from '@jest/globals';
import { onDeadline } from '../../../lib/support/deadline.js';
import { systemClock } from '../../../lib/support/clock.js';
import { block } from '../../support/block.js';
import { FakeClock } from '../../support/fake-clock.js';

describe('onDeadline()', () => {
  let calls: number;
  const count = (): void => void calls++;

  beforeEach(() => {
    calls = 0;
  });

  it.each([0, 10, 50, 1_234, 10_000])('calls back once, exactly after %d ms', async (milliseconds) => {
    const clock = new FakeClock();
    onDeadline(clock, milliseconds, count);
    if (milliseconds > 0) await clock.advance((milliseconds - 1) / 1000);
    expect(calls).toBe(0);
    await clock.advance(0.001);
    expect(calls).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('can be cancelled in each part of the wait', async () => {
    const clock = new FakeClock();
    const timer = onDeadline(clock, 1_000, count);
    await clock.advance(0.5);
    timer.cancel();
    timer.cancel();
    await clock.advance(1);
    expect(calls).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('reads what has arrived before it calls back', async () => {
    const order: string[] = [];
    const ended = new Promise<void>((resolve) => {
      onDeadline(systemClock, 10, () => {
        order.push('deadline');
        resolve();
      });
    });
    // An immediate runs after the sockets were read, as what arrives does.
    setImmediate(() => {
      block(30);
      setImmediate(() => order.push('arrived'));
    });
    await ended;
    expect(order).toEqual(['arrived', 'deadline']);
  });

  it.each([
    [1_000, 900, 1_700],
    [40, 100, 125],
  ])('of %d ms does not count a block of %d ms', async (milliseconds, blocked, least) => {
    const startedAt = performance.now();
    const ended = new Promise<void>((resolve) => void onDeadline(systemClock, milliseconds, resolve));
    block(blocked);
    await ended;
    expect(performance.now() - startedAt).toBeGreaterThan(least);
  });
});

import { expect, describe, it } from '@jest/globals';
import { PatientClock, systemClock } from '../../../lib/support/clock.js';
import { block } from '../../support/block.js';
import { FakeClock } from '../../support/fake-clock.js';

describe('PatientClock', () => {
  it('calls back at the earliest alarm, and never before', async () => {
    const clock = new FakeClock();
    let rings = 0;
    const time = new PatientClock(clock, () => rings++);
    time.wakeAt(9_000);
    time.wakeAt(4_000);
    time.wakeAt(6_000);
    await clock.advance(3.999);
    expect(rings).toBe(0);
    await clock.advance(0.001);
    expect(rings).toBe(1);
    expect(time.now()).toBe(4_000);
    await clock.advance(60);
    expect([rings, clock.pending]).toEqual([1, 0]);
  });

  it('runs on while no alarm is set', async () => {
    const clock = new FakeClock();
    const time = new PatientClock(clock, () => undefined);
    await clock.advance(60);
    expect(time.now()).toBe(60_000);
  });

  it('does not follow a clock that is set', async () => {
    const clock = new FakeClock();
    const time = new PatientClock(clock, () => undefined);
    clock.set(3_600);
    expect(time.now()).toBe(0);
    clock.set(-7_200);
    expect(time.now()).toBe(0);
  });

  it('stands still while the event loop is blocked before an alarm', () => {
    const time = new PatientClock(systemClock, () => undefined);
    time.wakeAt(10_000);
    const start = time.now();
    block(1_500);
    expect(time.now() - start).toBeLessThanOrEqual(1_000);
    time.close();
  });

  it.each([20, 200])('counts a part of a block that is longer than the %d ms until the alarm', async (milliseconds) => {
    const startedAt = performance.now();
    await new Promise<void>((resolve) => {
      const time = new PatientClock(systemClock, resolve);
      time.wakeAt(milliseconds);
      block(300);
      expect(time.now()).toBeLessThanOrEqual(milliseconds / 4 + 1);
    });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(300 + (milliseconds * 3) / 4 - 2);
  });

  it('does not call back after it was closed', async () => {
    const clock = new FakeClock();
    let rings = 0;
    const time = new PatientClock(clock, () => rings++);
    time.wakeAt(1_000);
    time.close();
    await clock.advance(2);
    expect([rings, clock.pending]).toEqual([0, 0]);
  });
});

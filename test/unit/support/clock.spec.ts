import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { systemClock, toMonotonic } from '../../../lib/support/clock.js';

const DAY = 86_400_000;

describe('systemClock', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: 1_000_000 });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('returns the time in milliseconds', () => {
    expect(systemClock.now()).toBe(1_000_000);
    jest.advanceTimersByTime(1500);
    expect(systemClock.now()).toBe(1_001_500);
  });

  it('calls back once, when the time is over', () => {
    const callback = jest.fn();
    systemClock.after(100, callback);
    jest.advanceTimersByTime(99);
    expect(callback).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(DAY);
    expect(callback).toHaveBeenCalledTimes(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each([0, -1, -Infinity])('calls back in a later turn, and not at once, after %d ms', (milliseconds) => {
    const callback = jest.fn();
    systemClock.after(milliseconds, callback);
    expect(callback).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('can be cancelled twice, and after its call', () => {
    const [never, once] = [jest.fn(), jest.fn()];
    const timer = systemClock.after(100, never);
    const over = systemClock.after(50, once);
    jest.advanceTimersByTime(60);
    timer.cancel();
    timer.cancel();
    over.cancel();
    jest.advanceTimersByTime(100);
    expect(never).not.toHaveBeenCalled();
    expect(once).toHaveBeenCalledTimes(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  // One timer of Node runs at most 24.8 days; with a longer time it fires at once.
  it('waits longer than one timer of Node can', () => {
    const callback = jest.fn();
    systemClock.after(100 * DAY, callback);
    jest.advanceTimersByTime(100 * DAY - 1);
    expect(callback).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('can be cancelled in a later part of a long wait', () => {
    const callback = jest.fn();
    const timer = systemClock.after(100 * DAY, callback);
    jest.advanceTimersByTime(60 * DAY);
    timer.cancel();
    jest.advanceTimersByTime(100 * DAY);
    expect(callback).not.toHaveBeenCalled();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('never calls back if the time is Infinity', () => {
    const callback = jest.fn();
    const timer = systemClock.after(Infinity, callback);
    jest.advanceTimersByTime(200 * DAY);
    expect(callback).not.toHaveBeenCalled();
    timer.cancel();
  });
});

describe('the monotonic time', () => {
  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  it.each([3_600_000, -3_600_000])('does not change when the clock is set by %d ms', (step) => {
    const before = systemClock.monotonic();
    const now = Date.now.bind(Date);
    jest.spyOn(Date, 'now').mockImplementation(() => now() + step);
    expect(Math.abs(systemClock.now() - now() - step)).toBeLessThan(1_000);
    expect(systemClock.monotonic() - before).toBeLessThan(1_000);
    expect(systemClock.monotonic()).toBeGreaterThanOrEqual(before);
  });

  it('follows fake timers, and the real time after them', () => {
    const before = systemClock.monotonic();
    jest.useFakeTimers();
    jest.advanceTimersByTime(60_000);
    expect(systemClock.monotonic() - before).toBeGreaterThan(59_900);
    jest.useRealTimers();
    expect(systemClock.monotonic() - before).toBeLessThan(10_000);
  });

  it('is the time of now() on a clock that has no other', () => {
    const clock = toMonotonic({ now: () => 5, after: () => ({ cancel() {} }) });
    expect([clock.now(), clock.monotonic()]).toEqual([5, 5]);
    expect(toMonotonic(systemClock)).toBe(systemClock);
  });
});

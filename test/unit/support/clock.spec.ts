import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { systemClock } from '../../../lib/support/clock.js';

const DAY = 86_400_000;

describe('systemClock', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: 1_000_000 });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('tells the time in milliseconds', () => {
    expect(systemClock.now()).toBe(1_000_000);
    jest.advanceTimersByTime(1500);
    expect(systemClock.now()).toBe(1_001_500);
  });

  it('calls once, when the time has come', () => {
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

  it.each([0, -1, -Infinity])('calls in the next turn, and not at once, after %d ms', (milliseconds) => {
    const callback = jest.fn();
    systemClock.after(milliseconds, callback);
    expect(callback).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('can be called off, also twice, and when it is over', () => {
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

  // One timer of Node bears 24.8 days; it would fire at once for more.
  it('waits for longer than one timer can', () => {
    const callback = jest.fn();
    systemClock.after(100 * DAY, callback);
    jest.advanceTimersByTime(100 * DAY - 1);
    expect(callback).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('can be called off in a later part of a long wait', () => {
    const callback = jest.fn();
    const timer = systemClock.after(100 * DAY, callback);
    jest.advanceTimersByTime(60 * DAY);
    timer.cancel();
    jest.advanceTimersByTime(100 * DAY);
    expect(callback).not.toHaveBeenCalled();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('waits for ever when it is asked to', () => {
    const callback = jest.fn();
    const timer = systemClock.after(Infinity, callback);
    jest.advanceTimersByTime(200 * DAY);
    expect(callback).not.toHaveBeenCalled();
    timer.cancel();
  });
});

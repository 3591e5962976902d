import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { onSecondSignal } from '../../../lib/worker/second-signal.js';
import { FakeClock } from '../../support/fake-clock.js';

describe('onSecondSignal()', () => {
  const clock = new FakeClock();
  const ends: (() => void)[] = [];
  const listen = (callback: () => void, first?: string): (() => void) => {
    const end = onSecondSignal(callback, clock, first);
    ends.push(end);
    return end;
  };
  const listeners = (): number => process.listenerCount('SIGTERM') + process.listenerCount('SIGINT');

  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('calls back on %s', (signal) => {
    const callback = jest.fn();
    listen(callback, 'SIGTERM');
    process.emit(signal, signal);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it.each(['SIGINT', undefined])('ignores the echo of a Ctrl+C if the first signal was %s', async (first) => {
    const callback = jest.fn();
    listen(callback, first);
    await clock.advance(0.05);
    process.emit('SIGINT', 'SIGINT');
    expect(callback).not.toHaveBeenCalled();
    await clock.advance(0.1);
    process.emit('SIGINT', 'SIGINT');
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it.each(['SIGINT', undefined])('calls back on SIGTERM at once if the first signal was %s', (first) => {
    const callback = jest.fn();
    listen(callback, first);
    process.emit('SIGTERM', 'SIGTERM');
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('leaves no listener behind after it was ended twice', () => {
    const before = listeners();
    const callback = jest.fn();
    const end = listen(callback);
    expect(listeners()).toBe(before + 2);
    end();
    end();
    expect(listeners()).toBe(before);
  });
});

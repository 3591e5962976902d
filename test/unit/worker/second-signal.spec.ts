import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { onSecondSignal } from '../../../lib/worker/second-signal.js';

describe('onSecondSignal', () => {
  const ends: (() => void)[] = [];
  const listen = (callback: () => void): (() => void) => {
    const end = onSecondSignal(callback);
    ends.push(end);
    return end;
  };
  const listeners = (): number => process.listenerCount('SIGTERM') + process.listenerCount('SIGINT');

  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('calls back on %s', (signal) => {
    const callback = jest.fn();
    listen(callback);
    process.emit(signal, signal);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('leaves no listener behind, however often it is ended', () => {
    const before = listeners();
    const callback = jest.fn();
    const end = listen(callback);
    expect(listeners()).toBe(before + 2);
    end();
    end();
    expect(listeners()).toBe(before);
  });
});

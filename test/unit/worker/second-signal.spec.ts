import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { SHUTDOWN_SIGNALS } from '../../../lib/support/shutdown-signal.js';
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
  const listeners = (): number => SHUTDOWN_SIGNALS.reduce((count, signal) => count + process.listenerCount(signal), 0);

  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGBREAK', 'SIGUSR2'] as const)('calls back on %s', (signal) => {
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

  it.each(['SIGHUP', 'SIGQUIT', 'SIGBREAK'] as const)(
    'ignores the echo of %s, which a terminal sends, too',
    async (signal) => {
      for (const first of [signal, undefined]) {
        const callback = jest.fn();
        listen(callback, first);
        process.emit(signal, signal);
        expect(callback).not.toHaveBeenCalled();
        await clock.advance(0.1);
        process.emit(signal, signal);
        expect(callback).toHaveBeenCalledTimes(1);
      }
    },
  );

  it.each(['SIGTERM', 'SIGUSR2'] as const)('calls back on a second %s at once, which no terminal sends', (signal) => {
    const callback = jest.fn();
    listen(callback, signal);
    process.emit(signal, signal);
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
    expect(listeners()).toBe(before + SHUTDOWN_SIGNALS.length);
    end();
    end();
    expect(listeners()).toBe(before);
  });
});

import { afterEach, describe, expect, test } from '@jest/globals';
import { ShutdownSignals } from '../../../lib/cli/shutdown-signals.js';

describe('ShutdownSignals', () => {
  let now = 0;
  let signals: ShutdownSignals | undefined;
  const seen: unknown[] = [];

  afterEach(() => {
    signals?.close();
    seen.length = 0;
  });

  const listen = (): ShutdownSignals => {
    signals = new ShutdownSignals(
      (signal, number) => seen.push([signal, number]),
      () => now,
    );
    return signals;
  };

  test('counts signals', () => {
    listen();
    process.emit('SIGTERM', 'SIGTERM');
    process.emit('SIGTERM', 'SIGTERM');
    process.emit('SIGINT', 'SIGINT');
    expect(seen).toEqual([
      ['SIGTERM', 1],
      ['SIGTERM', 2],
      ['SIGINT', 3],
    ]);
  });

  test('takes the echo of Ctrl+C for the same wish', () => {
    listen();
    process.emit('SIGINT', 'SIGINT');
    now += 20;
    process.emit('SIGINT', 'SIGINT');
    now += 100;
    process.emit('SIGINT', 'SIGINT');
    expect(seen).toEqual([
      ['SIGINT', 1],
      ['SIGINT', 2],
    ]);
  });

  test('goes on counting for who answers next', () => {
    const answered: unknown[] = [];
    const listening = listen();
    process.emit('SIGTERM', 'SIGTERM');
    listening.handleWith((signal, number) => answered.push([signal, number]));
    process.emit('SIGTERM', 'SIGTERM');
    expect(seen).toEqual([['SIGTERM', 1]]);
    expect(answered).toEqual([['SIGTERM', 2]]);
  });

  test('leaves no listener behind', () => {
    const before = process.listenerCount('SIGTERM');
    listen().close();
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});

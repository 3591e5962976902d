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

  test('counts a SIGINT that comes twice within 100 ms as one', () => {
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

  test('continues its count for the next handler', () => {
    const answered: unknown[] = [];
    const listening = listen();
    process.emit('SIGTERM', 'SIGTERM');
    listening.handleWith((signal, number) => answered.push([signal, number]));
    process.emit('SIGTERM', 'SIGTERM');
    expect(seen).toEqual([['SIGTERM', 1]]);
    expect(answered).toEqual([['SIGTERM', 2]]);
  });

  test('leaves no listener after close()', () => {
    const before = process.listenerCount('SIGTERM');
    listen().close();
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});

import { afterEach, describe, expect, it } from '@jest/globals';
import { PauseSignals } from '../../../lib/cli/pause-signals.js';

describe('the signals that pause a process', () => {
  let signals: PauseSignals | undefined;
  afterEach(() => signals?.close());

  it('reach a handler that comes later, and each change once', () => {
    const seen: boolean[] = [];
    signals = new PauseSignals();
    process.emit('SIGUSR2');
    process.emit('SIGUSR2');
    signals.handleWith((pauses) => seen.push(pauses));
    expect(seen).toEqual([true]);
    process.emit('SIGCONT');
    process.emit('SIGCONT');
    process.emit('SIGUSR2');
    expect(seen).toEqual([true, false, true]);
  });

  it('do not resume a process that is not paused: a terminal sends SIGCONT as well', () => {
    const seen: boolean[] = [];
    signals = new PauseSignals();
    signals.handleWith((pauses) => seen.push(pauses));
    process.emit('SIGCONT');
    expect(seen).toEqual([]);
  });
});

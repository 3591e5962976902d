import type { MonotonicClock } from '../support/clock.js';
import { onShutdownSignal } from '../support/shutdown-signal.js';

/**
 * Listens for a further SIGTERM or SIGINT while the first one is being obeyed.
 *
 * @param first the signal that is being obeyed. Default: `SIGINT`, because an unknown signal may have been a Ctrl+C
 * @returns a function that ends the listening
 */
export function onSecondSignal(callback: () => void, clock: MonotonicClock, first = 'SIGINT'): () => void {
  const now = (): number => clock.monotonic();
  return onShutdownSignal(callback, now, first === 'SIGINT' ? now() : undefined);
}

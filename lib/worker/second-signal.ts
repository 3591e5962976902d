import type { MonotonicClock } from '../support/clock.js';
import { onShutdownSignal, SHUTDOWN_SIGNALS } from '../support/shutdown-signal.js';

/**
 * Listens for a further signal to end while the first one is being obeyed.
 *
 * @param first the signal that is being obeyed. Default: any, so that the echo of no signal counts
 * @returns a function that ends the listening
 */
export function onSecondSignal(callback: () => void, clock: MonotonicClock, first?: string): () => void {
  return onShutdownSignal(callback, () => clock.monotonic(), first === undefined ? SHUTDOWN_SIGNALS : [first]);
}

import { onShutdownSignal } from '../support/shutdown-signal.js';

/** What a signal is answered with. The first one has the number 1. */
export type SignalHandler = (signal: NodeJS.Signals, number: number) => void;

/** Counts the signals that ask the process to end, and hands them to who has to act on them at the time. */
export class ShutdownSignals {
  /** Ends the counting. */
  readonly close: () => void;
  private number = 0;

  /** @param handler what answers them at first */
  constructor(
    private handler: SignalHandler,
    now: () => number = () => performance.now(),
  ) {
    this.close = onShutdownSignal((signal) => this.handler(signal, ++this.number), now);
  }

  /** From now on another one answers. */
  handleWith(handler: SignalHandler): void {
    this.handler = handler;
  }
}

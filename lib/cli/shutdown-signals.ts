import { COMMAND_SIGNALS, onShutdownSignal } from '../support/shutdown-signal.js';

/** Handles a signal. The first signal has the number 1. */
export type SignalHandler = (signal: NodeJS.Signals, number: number) => void;

/** Counts the signals that ask the process to end, and passes them to the current handler. */
export class ShutdownSignals {
  /** Stops listening for signals. */
  readonly close: () => void;
  private number = 0;

  /** @param handler the first handler */
  constructor(
    private handler: SignalHandler,
    now: () => number = () => performance.now(),
  ) {
    this.close = onShutdownSignal((signal) => this.handler(signal, ++this.number), now, [], COMMAND_SIGNALS);
  }

  /** Replaces the handler. */
  handleWith(handler: SignalHandler): void {
    this.handler = handler;
  }
}

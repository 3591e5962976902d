/** What a signal is answered with. The first one has the number 1. */
export type SignalHandler = (signal: NodeJS.Signals, number: number) => void;

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Ctrl+C reaches every process of the terminal, and `npm run` passes it on once more, within some milliseconds: that is
 * one wish, not two.
 */
const ECHO_MS = 100;

/** Counts the signals that ask the process to end, and hands them to who has to act on them at the time. */
export class ShutdownSignals {
  private number = 0;
  private lastInterrupt = -Infinity;

  /** @param handler what answers them at first */
  constructor(
    private handler: SignalHandler,
    private readonly now: () => number = () => performance.now(),
  ) {
    for (const signal of SIGNALS) process.on(signal, this.receive);
  }

  /** From now on another one answers. */
  handleWith(handler: SignalHandler): void {
    this.handler = handler;
  }

  close(): void {
    for (const signal of SIGNALS) process.off(signal, this.receive);
  }

  private readonly receive = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGINT') {
      const before = this.lastInterrupt;
      this.lastInterrupt = this.now();
      if (this.lastInterrupt - before < ECHO_MS) return;
    }
    this.handler(signal, ++this.number);
  };
}

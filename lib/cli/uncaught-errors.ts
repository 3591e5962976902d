/** Handles an error that nobody caught. The first one has the number 1. */
export type UncaughtErrorHandler = (thrown: unknown, number: number) => void;

/**
 * Counts the uncaught errors, and passes them to the current handler: errors that a timer or the listener of an event throws,
 * and each rejection that no code awaits. Without it such an error ends the process at once, in the middle of
 * its jobs.
 *
 * A listener of the application for `unhandledRejection` comes first, as Node has it.
 */
export class UncaughtErrors {
  private number = 0;

  /** @param handler the first handler */
  constructor(private handler: UncaughtErrorHandler) {
    process.on('uncaughtException', this.receive);
  }

  get count(): number {
    return this.number;
  }

  /** Replaces the handler. */
  handleWith(handler: UncaughtErrorHandler): void {
    this.handler = handler;
  }

  close(): void {
    process.off('uncaughtException', this.receive);
  }

  private readonly receive = (thrown: unknown): void => {
    this.handler(thrown, ++this.number);
  };
}

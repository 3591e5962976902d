/** Handles an error that nobody caught. The first one has the number 1. */
export type UncaughtErrorHandler = (thrown: unknown, number: number) => void;

/**
 * Counts the errors that nobody caught, and passes them to the current handler: what was thrown in a timer or in the listener
 * of an event, and each rejection that nobody awaits. Without it such an error ends the process at once, in the middle of
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

/** Called with true to pause, and with false to resume. */
export type PauseHandler = (pauses: boolean) => void;

/**
 * Listens for the signals that pause and resume this process: SIGUSR2 and SIGCONT. A process that is not ready keeps the last one for
 * the handler that comes later. Windows has neither signal.
 */
export class PauseSignals {
  private handler: PauseHandler | undefined;
  private pauses = false;

  constructor() {
    process.on('SIGUSR2', this.onPause).on('SIGCONT', this.onResume);
  }

  /** Sets the handler. Calls it at once if the process is to be paused already. */
  handleWith(handler: PauseHandler): void {
    this.handler = handler;
    if (this.pauses) handler(true);
  }

  close(): void {
    process.off('SIGUSR2', this.onPause).off('SIGCONT', this.onResume);
  }

  private readonly onPause = (): void => this.set(true);

  private readonly onResume = (): void => this.set(false);

  private set(pauses: boolean): void {
    // SIGCONT also continues a process that a terminal has stopped.
    if (this.pauses === pauses) return;
    this.pauses = pauses;
    this.handler?.(pauses);
  }
}

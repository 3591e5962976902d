/** The right to hold one recovered job; see {@link RecoveryGate}. */
export interface RecoveryPass {
  /** Opens the gate for the next recovered job. A second call does nothing. */
  leave(): void;
}

/**
 * Admits one recovered job at a time into this process. The worker that ran such a job was lost, and the job may be the cause:
 * with two of them in one process, a poison job would also cost the other one an attempt.
 *
 * The worker and `pop()` share one gate. A caller that may claim a recovered job holds the pass until its poll brought none, or
 * until the recovered job has ended.
 */
export class RecoveryGate {
  private current: RecoveryPass | undefined;
  /** True if a caller was refused since the gate was closed. */
  private refused = false;
  private readonly listeners = new Set<() => void>();

  /** Returns whether a recovered job may be claimed now. If not, the listeners are called when that changes. */
  isOpen(): boolean {
    if (this.current) this.refused = true;
    return this.current === undefined;
  }

  /** Takes the pass; returns `undefined` if another caller holds it. */
  enter(): RecoveryPass | undefined {
    if (this.current) {
      this.refused = true;
      return undefined;
    }
    const pass: RecoveryPass = {
      leave: () => {
        if (this.current !== pass) return;
        this.current = undefined;
        if (this.refused) this.announce();
      },
    };
    this.current = pass;
    return pass;
  }

  /**
   * Adds a listener, called when the gate opens after a caller was refused.
   *
   * @returns a function that removes the listener
   */
  onOpen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  private announce(): void {
    this.refused = false;
    for (const listener of this.listeners) listener();
  }
}

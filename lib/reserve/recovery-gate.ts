/**
 * Lets one recovered job at a time into this manager: one whose former batcher was lost, and that may be what took it
 * down. Whoever may take one holds the gate until it is known that none came, or the one that came is settled.
 */
export class RecoveryGate {
  private taken = false;

  /** Whether a recovered job may be asked for now; if so, none may be until {@link leave}. */
  enter(): boolean {
    if (this.taken) return false;
    this.taken = true;
    return true;
  }

  leave(): void {
    this.taken = false;
  }
}

const TURNS = 50;

/**
 * Resolves after 50 turns of the event loop: code that waits only for promises and turns of the event loop has ended by
 * then. Code that waits for a server may still run.
 */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
}

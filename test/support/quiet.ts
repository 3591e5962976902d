const TURNS = 50;

/**
 * Resolves when what is under way in this process has come to rest: whoever waits only for promises and turns of the event
 * loop has had plenty of them. Nothing that waits for a server has.
 */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
}

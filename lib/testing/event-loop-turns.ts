import { setImmediate } from 'node:timers';

/** The turns of the event loop after which what a timer has caused has happened. */
const TURNS = 3;

/** Resolves after some turns of the event loop; fake timers do not count. */
export async function eventLoopTurns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

import { setTimeout as pause } from 'node:timers/promises';

const CHECKS = 10;

/**
 * Waits until a count has not changed for some milliseconds. Checks it ten times in that time: after a pause of the whole
 * process, pending input is read before the next check.
 */
export async function untilStill(count: () => number, milliseconds: number): Promise<void> {
  let known = count();
  for (let checks = 0; checks < CHECKS; checks++) {
    await pause(milliseconds / CHECKS);
    const now = count();
    if (now !== known) checks = -1;
    known = now;
  }
}

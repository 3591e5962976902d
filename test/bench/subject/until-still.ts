import { setTimeout as pause } from 'node:timers/promises';

const CHECKS = 10;

/**
 * Waits until a count has stood still for some milliseconds. It has to do so while the process runs: where the whole process was
 * held up, what came meanwhile is taken in first.
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

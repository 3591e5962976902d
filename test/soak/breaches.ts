import type { Sample } from '../chaos/process/counting-main.js';
import { growth, type Point } from './growth.js';

/** The most that the heap of a worker may have grown after its warm-up, in bytes: a collection is no exact measure. */
const MOST_GROWTH = 1_000_000;
/** How many timers and the like there may be more than at the start: they come and go. */
const MOST_MORE_HANDLES = 2;
/** The most that a worker holds: its slots, and what it has claimed ahead. */
const MOST_HELD = 610;
/** The most consumers of two workers: the second one of each comes with its first rush. */
export const MOST_CONSUMERS = 4;

/** What was measured. */
export interface Findings {
  readonly jobs: number;
  /** Workers killed. */
  readonly kills: number;
  /** How often each job has run. */
  readonly runs: Uint16Array;
  /** The heap after so many jobs, warm-up excluded. */
  readonly heap: readonly Point[];
  /** At rest, before and after. */
  readonly before: Sample;
  readonly after: Sample;
  readonly keysBefore: readonly string[];
  readonly keysAfter: readonly string[];
  /** How many consumers Redis knows in the end. */
  readonly consumers: number;
}

/** What should not be. */
export function findBreaches({
  kills,
  runs,
  heap,
  before,
  after,
  keysBefore,
  keysAfter,
  consumers,
}: Findings): string[] {
  const breaches: string[] = [];
  const lost = runs.filter((count) => count === 0).length;
  if (lost > 0) breaches.push(`${lost} jobs were never run`);
  const extra = countExtra(runs);
  if (extra > kills * MOST_HELD) breaches.push(`${extra} runs over, of ${kills} workers that were killed`);
  const grown = Math.round(growth(heap));
  if (grown > MOST_GROWTH) breaches.push(`the heap has grown by ${grown} bytes`);
  const sockets = [before, after].map(({ handles }) => handles['TCPSocketWrap'] ?? 0);
  if (sockets[0] !== sockets[1]) breaches.push(`there were ${sockets[0]} sockets, and there are ${sockets[1]}`);
  const handles = [before, after].map((sample) => Object.values(sample.handles).reduce((sum, each) => sum + each, 0));
  if (handles[1]! - handles[0]! > MOST_MORE_HANDLES) {
    breaches.push(`there were ${handles[0]} handles, and there are ${handles[1]}`);
  }
  if (keysAfter.join() !== keysBefore.join()) {
    breaches.push(`the keys were ${keysBefore.join(', ')}, and are ${keysAfter.join(', ')}`);
  }
  if (consumers > MOST_CONSUMERS) breaches.push(`two workers are known as ${consumers} consumers`);
  return breaches;
}

export function countExtra(runs: Uint16Array): number {
  return runs.reduce((sum, count) => sum + Math.max(0, count - 1), 0);
}

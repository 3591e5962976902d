import type { Sample } from '../chaos/process/counting-main.js';
import { growth, type Point } from './growth.js';

/** The largest growth of a worker's heap after the warm-up, in bytes: heap sizes after a collection vary a little. */
const MOST_GROWTH = 1_000_000;
/** The most additional handles, compared to the start: timers come and go. */
const MOST_MORE_HANDLES = 2;
/** The most jobs that a worker holds: 10 running ones and 600 prefetched ones. */
const MOST_HELD = 610;
/** The most consumers of two workers: each opens a second one under load. */
export const MOST_CONSUMERS = 4;

/** The measured values of a soak. */
export interface Findings {
  readonly jobs: number;
  /** The number of killed workers. */
  readonly kills: number;
  /** The number of runs of each job. */
  readonly runs: Uint16Array;
  /** The size of the heap after each number of jobs, without the warm-up. */
  readonly heap: readonly Point[];
  /** The worker without jobs, before and after the soak. */
  readonly before: Sample;
  readonly after: Sample;
  readonly keysBefore: readonly string[];
  readonly keysAfter: readonly string[];
  /** The number of consumers in Redis at the end. */
  readonly consumers: number;
}

/** Finds the values that break a limit. */
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
  if (lost > 0) breaches.push(`${lost} jobs never ran`);
  const extra = countExtra(runs);
  if (extra > kills * MOST_HELD) breaches.push(`${extra} extra runs, but only ${kills} workers were killed`);
  const grown = Math.round(growth(heap));
  if (grown > MOST_GROWTH) breaches.push(`the heap has grown by ${grown} bytes`);
  const sockets = [before, after].map(({ handles }) => handles['TCPSocketWrap'] ?? 0);
  if (sockets[0] !== sockets[1]) breaches.push(`there were ${sockets[0]} sockets before, and ${sockets[1]} after`);
  const handles = [before, after].map((sample) => Object.values(sample.handles).reduce((sum, each) => sum + each, 0));
  if (handles[1]! - handles[0]! > MOST_MORE_HANDLES) {
    breaches.push(`there were ${handles[0]} handles before, and ${handles[1]} after`);
  }
  const left = keysAfter.filter((key) => !keysBefore.includes(key));
  if (left.length > 0) breaches.push(`keys that were not there before: ${left.join(', ')}`);
  if (consumers > MOST_CONSUMERS) breaches.push(`Redis has ${consumers} consumers for two workers`);
  return breaches;
}

export function countExtra(runs: Uint16Array): number {
  return runs.reduce((sum, count) => sum + Math.max(0, count - 1), 0);
}

import type { Timing } from '../subject/bench-system.js';
import type { Subject } from '../subject/subject.js';
import type { Retention, SystemName } from '../systems/system.interface.js';
import type { Bench } from './measurement.interface.js';

/** The size of a job's data, as JSON. */
export const BYTES = 200;
/** How many jobs one call of `pushMany` takes, where nothing else is said. */
export const BATCH = 1_000;
/** How many jobs are pushed by one task at the most: all of them are in its memory. */
const MOST_AT_ONCE = 50_000;

/** Lets jobs wait. */
export async function fill(subject: Subject, count: number, retention: Retention, queue?: string): Promise<void> {
  for (let left = count; left > 0; left -= MOST_AT_ONCE) {
    const part = Math.min(left, MOST_AT_ONCE);
    await subject.run('pushMany', { bytes: BYTES, retention, count: part, batch: BATCH, queue });
  }
}

export interface WayOptions {
  readonly bytes: number;
  readonly count: number;
  /** How many jobs one call of `pushMany` takes. */
  readonly batch: number;
  readonly concurrency: number;
}

/** Pushes jobs and works them, both timed. */
export async function pushAndWork(
  subject: Subject,
  { bytes, count, batch, concurrency }: WayOptions,
): Promise<{ push: Timing; work: Timing }> {
  const options = { bytes, count, retention: 'none' } as const;
  const push = await subject.run('pushMany', { ...options, batch });
  const work = await subject.run('work', { ...options, concurrency });
  return { push, work };
}

/** The same bench for some of its systems. */
export function onlyOf(bench: Bench, systems: readonly SystemName[]): Bench {
  return { ...bench, subjects: bench.subjects.filter(({ system }) => systems.includes(system)) };
}

import type { Timing } from '../subject/bench-system.js';
import type { Subject } from '../subject/subject.js';
import type { Retention, SystemName, Use } from '../systems/system.interface.js';
import type { Bench } from './measurement.interface.js';

/** The size of the data of a job as JSON. */
export const BYTES = 200;
/** The default number of jobs in one call of `pushMany`. */
export const BATCH = 1_000;
/** The most jobs in one push task: it keeps all of them in memory. */
const MOST_AT_ONCE = 50_000;

/** Fills the queue with jobs. */
export async function fill(subject: Subject, count: number, retention: Retention, queue?: string): Promise<void> {
  for (let left = count; left > 0; left -= MOST_AT_ONCE) {
    const part = Math.min(left, MOST_AT_ONCE);
    await subject.run('pushMany', { bytes: BYTES, retention, count: part, batch: BATCH, queue });
  }
}

export interface WayOptions {
  readonly bytes: number;
  readonly count: number;
  /** The number of jobs in one call of `pushMany`. */
  readonly batch: number;
  readonly concurrency: number;
}

/** Pushes jobs and runs them; measures both. */
export async function pushAndWork(
  subject: Subject,
  { bytes, count, batch, concurrency }: WayOptions,
): Promise<{ push: Timing; work: Timing }> {
  const options = { bytes, count, retention: 'none' } as const;
  const push = await subject.run('pushMany', { ...options, batch });
  const work = await subject.run('work', { ...options, concurrency });
  return { push, work };
}

/** Returns the bench with only these systems. */
export function onlyOf(bench: Bench, systems: readonly SystemName[]): Bench {
  return { ...bench, subjects: bench.subjects.filter(({ system }) => systems.includes(system)) };
}

/** Pushes jobs that use something and runs them, and times both together. */
export async function timePushAndWork(
  subject: Subject,
  options: { readonly count: number; readonly use: Use | undefined; readonly retention: Retention },
): Promise<Timing> {
  const push = await subject.run('pushMany', { ...options, bytes: BYTES, batch: BATCH });
  const work = await subject.run('work', { ...options, bytes: BYTES, concurrency: 100 });
  return {
    jobs: options.count,
    seconds: push.seconds + work.seconds,
    processor: push.processor + work.processor,
  };
}

import type { Retention } from '../systems/system.interface.js';
import type { Subject } from '../subject/subject.js';

/** The size of a job's data, as JSON. */
export const BYTES = 200;
/** How many jobs one call of `pushMany` takes, where nothing else is said. */
export const BATCH = 1_000;

/** Lets jobs wait. */
export async function fill(subject: Subject, count: number, retention: Retention): Promise<void> {
  await subject.run('pushMany', { bytes: BYTES, retention, count, batch: BATCH });
}

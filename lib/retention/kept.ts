import type { CheckedJobRetention } from '../job/job-options.js';

/** The end of an attempt, as far as the retention of its job matters. */
interface Ending {
  readonly kind: string;
  readonly keep?: number;
}

/** Adds to a settlement how long its job is kept, if the job has a retention of its own. */
export function kept<T extends Ending>(ending: T, retention: CheckedJobRetention | undefined): T {
  const keep =
    ending.kind === 'complete' ? retention?.completed : ending.kind === 'fail' ? retention?.failed : undefined;
  return keep === undefined ? ending : { ...ending, keep };
}

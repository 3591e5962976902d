import type { CheckedJobRetention } from '../job/job-retention.js';

/** The end of an attempt, as far as the retention of its job matters. */
interface Ending {
  readonly kind: string;
  readonly keep?: number;
}

/**
 * Adds to a settlement how long its job is kept, if the job has a retention of its own.
 *
 * @param pushed that of its push; what it does not say comes from `own`, that of its class
 */
export function kept<T extends Ending>(ending: T, pushed?: CheckedJobRetention, own?: CheckedJobRetention): T {
  const part = ending.kind === 'complete' ? 'completed' : ending.kind === 'fail' ? 'failed' : undefined;
  const keep = part && (pushed?.[part] ?? own?.[part]);
  return keep === undefined ? ending : { ...ending, keep };
}

import type { StoredStatus } from '../queue-driver.interface.js';
import type { StoredFailure } from '../queue-retention.interface.js';
import type { JobEnd } from '../queue-waits.interface.js';

const GONE: JobEnd = Object.freeze({ state: 'gone' });

/**
 * Returns how a job ended.
 *
 * @param status `null` if none is kept
 * @param failure the last failure of a failed job
 * @param isWhole true if the status has the result also if it is not kept
 */
export function toEnd(status: StoredStatus | null, failure?: StoredFailure, isWhole = false): JobEnd {
  if (!status) return GONE;
  const { state, result, error, attempt } = status;
  const told = error === undefined ? {} : { error };
  switch (state) {
    case 'completed':
      return { state, isWhole, ...(result !== undefined && { result }), ...told };
    case 'failed': {
      const { stack, name } = failure ?? {};
      const texts = { ...(stack !== undefined && { stack }), ...(name !== undefined && { name }) };
      return { state, error: '', ...told, attempt, ...texts };
    }
    case 'cancelled':
      return { state, ...told };
    default:
      return GONE;
  }
}

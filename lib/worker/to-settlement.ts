import type { Settlement } from '../drivers/queue-driver.interface.js';
import type { Sample } from '../drivers/queue-stats.interface.js';
import { EXPIRED } from '../job/job-status.js';
import type { JobOutcome } from '../job/job-outcome.js';
import { failureDetails } from '../retention/failure-details.js';
import { errorMessage } from '../support/error-text.js';

/**
 * Translates an outcome into a settlement. Returns nothing for a job whose lease was lost: it cannot be settled.
 *
 * @param attempt how long the attempt took in milliseconds, its sample, and whether a requeued job counts as started
 */
export function toSettlement(
  id: string,
  fence: number,
  outcome: JobOutcome,
  { took = 0, sample, hasStarted = false }: { took?: number; sample?: Sample; hasStarted?: boolean } = {},
): Settlement | undefined {
  switch (outcome.kind) {
    case 'completed':
      return { kind: 'complete', id, fence, sample, ...outcome.kept };
    case 'retrying':
      return { kind: 'retry', id, fence, delay: outcome.delay, ...failure(outcome.error, took), sample };
    case 'failed':
      return { kind: 'fail', id, fence, ...failure(outcome.error, took), sample };
    case 'cancelled': {
      const { error, hasRun } = outcome;
      return { kind: 'cancel', id, fence, hasRun, ...(error.reason !== undefined && { error: error.reason }) };
    }
    case 'expired':
      return { kind: 'cancel', id, fence, hasRun: false, error: EXPIRED, hasExpired: true };
    case 'released': {
      const { delay, hold } = outcome;
      return { kind: 'release', id, fence, delay, position: 'back', ...(hold && { hold }) };
    }
    case 'requeued':
      return {
        kind: 'release',
        id,
        fence,
        delay: 0,
        position: 'front',
        ...(outcome.unstarted && { unstarted: true }),
        ...(hasStarted && { hasStarted: true }),
      };
    case 'unknown':
      return { kind: 'release', id, fence, delay: outcome.delay, position: 'back', unknown: true };
    case 'abandoned':
      return undefined;
  }
}

function failure(error: Error, took: number) {
  return { error: errorMessage(error), details: failureDetails(error, took) };
}

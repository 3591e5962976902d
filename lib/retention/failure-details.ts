import { hostname } from 'node:os';
import type { FailureDetails } from '../drivers/queue-retention.interface.js';
import { errorName, errorStack } from '../support/error-text.js';

/** This process, as the failures of jobs name it. */
const WORKER = `${hostname().replaceAll(/\s+/g, '_') || 'host'}:${process.pid}`;

/**
 * Returns what is kept of a failed attempt, beside its error.
 *
 * @param took milliseconds
 */
export function failureDetails(error: Error, took: number): FailureDetails {
  const details = { took: Math.max(Math.round(took), 0), worker: WORKER, stack: errorStack(error) };
  const name = errorName(error);
  return name === 'Error' ? details : { ...details, name };
}

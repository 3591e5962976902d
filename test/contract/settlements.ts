import type { ClaimedJob, Settlement } from '../../lib/drivers/queue-driver.interface.js';
import type { KeptResult } from '../../lib/job/kept-result.js';

export const complete = ({ id, fence }: ClaimedJob, kept: KeptResult = {}): Settlement => ({
  kind: 'complete',
  id,
  fence,
  ...kept,
});

export const fail = ({ id, fence }: ClaimedJob, error = 'no luck'): Settlement => ({ kind: 'fail', id, fence, error });

export const retry = ({ id, fence }: ClaimedJob, { delay = 0, error = 'no luck' }: RetryOptions = {}): Settlement => ({
  kind: 'retry',
  id,
  fence,
  error,
  delay,
});

export const release = ({ id, fence }: ClaimedJob, options: ReleaseOptions = {}): Settlement => ({
  kind: 'release',
  id,
  fence,
  delay: 0,
  position: 'back',
  ...options,
});

export interface RetryOptions {
  /** Seconds. */
  readonly delay?: number;
  readonly error?: string;
}

export type ReleaseOptions = Partial<
  Pick<Extract<Settlement, { kind: 'release' }>, 'delay' | 'position' | 'unknown' | 'hasStarted' | 'unstarted' | 'hold'>
>;

import type { JobState } from '../../job/job-status.js';
import type { ClaimedJob, NewJob, StoredStatus } from '../queue-driver.interface.js';

/** A job from its push to its end. */
export interface ArrayJob {
  readonly id: string;
  readonly body: string;
  readonly queue: string;
  readonly pushedAt: number;
  place: JobPlace;
  /** When its status last became another one. */
  changedAt: number;
  /** How many attempts have been made and counted. */
  attempts: number;
  crashes: number;
  /** Whether its last attempt ended because its lease was lost; there only until the next one. */
  lost: boolean;
  /** The fence it was handed out under last. */
  fence: number;
  /** What ended the last attempt; there only while the job waits for the next one. */
  error: string | undefined;
  /** Since when those who claimed it did not know its name. */
  unknownSince: number | undefined;
}

/** A job is in exactly one of these. */
export type JobPlace = 'ready' | 'delayed' | 'recovered' | 'claimed';

export function createJob({ id, body, delay }: NewJob, queue: string, now: number): ArrayJob {
  return {
    id,
    body,
    queue,
    pushedAt: now,
    place: delay > 0 ? 'delayed' : 'ready',
    changedAt: now,
    attempts: 0,
    crashes: 0,
    lost: false,
    fence: 0,
    error: undefined,
    unknownSince: undefined,
  };
}

/** What a consumer is handed of a job that has just been claimed. */
export function toClaimed(job: ArrayJob, now: number): ClaimedJob {
  return {
    id: job.id,
    body: job.body,
    pushedAt: job.pushedAt,
    fence: job.fence,
    attempt: attemptOf(job),
    crashes: job.crashes,
    // Never 0, which stands for a name that is known.
    unknownFor: job.unknownSince === undefined ? 0 : Math.max(1, now - job.unknownSince),
  };
}

/** The status that follows from where a job is. */
export function statusOf(job: ArrayJob): StoredStatus {
  return toStatus(stateOf(job), job.queue, job.changedAt, attemptOf(job), job.error);
}

/** A status as it is kept: to the second, and without an `error` where there is none. */
export function toStatus(
  state: JobState,
  queue: string,
  now: number,
  attempt: number,
  error: string | undefined,
): StoredStatus {
  const updatedAt = Math.floor(now / 1000) * 1000;
  return { state, queue, updatedAt, attempt, ...(error !== undefined && { error }) };
}

/**
 * The number of the attempt that runs, or ran last. One that was put back is forgotten; one whose lease was lost is
 * told of, though it does not count either.
 */
export function attemptOf(job: ArrayJob): number {
  return job.place === 'claimed' || job.lost ? job.attempts + 1 : job.attempts;
}

function stateOf(job: ArrayJob): JobState {
  if (job.place === 'claimed') return 'processing';
  if (job.error !== undefined) return 'retrying';
  return job.place === 'delayed' ? 'delayed' : 'queued';
}

import type { JobState } from '../../job/job-status.js';
import { MAX_LOG_LINES, type JobNote, type LoggedLines } from '../../job/attempt-desk.interface.js';
import { MAX_FAILURES, type FailureDetails, type StoredFailure } from '../queue-retention.interface.js';
import type { JobTraits } from '../job-traits.interface.js';
import type { ClaimedJob, NewJob, StoredStatus } from '../queue-driver.interface.js';
import type { Start } from './array-window.js';

/** A job from its push to its end. */
export interface ArrayJob {
  readonly id: string;
  body: string;
  readonly queue: string;
  /** The name of the job, if the application gave the id. */
  readonly name: string | undefined;
  pushedAt: number;
  traits: JobTraits;
  place: JobPlace;
  /** Its turn among the waiting jobs of its queue: the lowest one is first. */
  turn: number;
  /** The time of the last change of its status, to show. */
  changedAt: number;
  /** The number of counted attempts. */
  attempts: number;
  /** The number of leases that were lost while they held the job. */
  crashes: number;
  /** True if its last attempt ended because the lease was lost. The next claim resets it. */
  lost: boolean;
  /** The fencing token of its last claim; 0 before the first one. */
  fence: number;
  /** The error of the last attempt; set only while the job waits for the next one. */
  error: string | undefined;
  /** The progress that it told last, as JSON text. */
  progress: string | undefined;
  /** Its last checkpoint, as text. */
  checkpoint: string | undefined;
  /** The last lines of its log. */
  readonly logs: string[];
  /** The fencing token of the attempt that logged last, and how many lines it has logged. */
  lastLogged: readonly [fence: number, count: number];
  /** The fencing token and the number of its last note. */
  lastNote: readonly [fence: number, number: number];
  /** Its last failures, the newest one first. */
  readonly failures: StoredFailure[];
  /** The time of its last claim. */
  claimedAt: number;
  /** Its last claim, if a rate limit of the queue counts it. */
  start: Start | undefined;
  /** When it was due, if an operator has changed that. */
  waitsSince: number | undefined;
  /** How often it was released; `undefined` before its start, as far as it was told. */
  releases: number | undefined;
  /** The time on the monotonic clock from which its name was unknown to each worker that claimed it. */
  unknownSince: number | undefined;
}

/** The places of a job. A job is in exactly one place at a time. */
export type JobPlace = 'ready' | 'delayed' | 'recovered' | 'claimed';

const NO_NOTE = [0, 0] as const;
const NO_TRAITS: JobTraits = Object.freeze({});

export function createJob({ id, body, delay, name, traits = NO_TRAITS }: NewJob, queue: string, now: number): ArrayJob {
  return {
    id,
    body,
    queue,
    name,
    pushedAt: now,
    traits,
    place: delay > 0 ? 'delayed' : 'ready',
    turn: 0,
    changedAt: now,
    attempts: 0,
    crashes: 0,
    lost: false,
    fence: 0,
    error: undefined,
    progress: undefined,
    checkpoint: undefined,
    logs: [],
    lastLogged: NO_NOTE,
    lastNote: NO_NOTE,
    failures: [],
    claimedAt: 0,
    start: undefined,
    waitsSince: undefined,
    releases: undefined,
    unknownSince: undefined,
  };
}

/** Makes a job that has failed a new one. Its failures and its log stay. */
export function restart(job: ArrayJob, now: number): void {
  job.attempts = 0;
  job.crashes = 0;
  job.lost = false;
  job.error = undefined;
  job.progress = undefined;
  job.checkpoint = undefined;
  job.lastNote = NO_NOTE;
  job.unknownSince = undefined;
  job.waitsSince = now;
  job.releases = 0;
  job.changedAt = now;
}

/** Returns the parts of a claimed job that its consumer gets. */
export function toClaimed(job: ArrayJob, now: number): ClaimedJob {
  return {
    id: job.id,
    body: job.body,
    pushedAt: job.pushedAt,
    fence: job.fence,
    attempt: attemptOf(job),
    crashes: job.crashes,
    // Never 0: that stands for a known name.
    unknownFor: job.unknownSince === undefined ? 0 : Math.max(1, now - job.unknownSince),
    ...(job.checkpoint !== undefined && { checkpoint: job.checkpoint }),
    ...(job.waitsSince !== undefined && { waitsSince: job.waitsSince }),
    ...(job.releases !== undefined && { releases: job.releases }),
  };
}

/** Adds the failure of the attempt that runs. */
export function noteFailure(
  job: ArrayJob,
  { error, details }: { readonly error: string; readonly details?: FailureDetails },
  now: number,
): void {
  const { took = 0, worker = '-', stack, name } = details ?? {};
  const ended = { attempt: attemptOf(job), startedAt: now - took, endedAt: now, error, worker };
  job.failures.unshift({ ...ended, ...(stack !== undefined && { stack }), ...(name !== undefined && { name }) });
  job.failures.splice(MAX_FAILURES);
}

/** Derives the status of a job from its place. */
export function statusOf(job: ArrayJob): StoredStatus {
  const status = toStatus(stateOf(job), job.queue, job.changedAt, attemptOf(job), job.error);
  return withProgress(status, job.progress);
}

/** Takes what a job tells. */
export function takeNote(job: ArrayJob, { progress = job.progress, checkpoint = job.checkpoint, log }: JobNote): void {
  job.progress = progress;
  job.checkpoint = checkpoint;
  if (log) takeLines(job, log);
}

/** Adds lines to the log of a job, except those that it has already: a note and the settlement may both bring them. */
function takeLines(job: ArrayJob, { before, lines }: LoggedLines): void {
  const [fence, count] = job.lastLogged;
  const known = fence === job.fence ? count : 0;
  job.logs.push(...lines.slice(Math.max(known - before, 0)));
  job.logs.splice(0, job.logs.length - MAX_LOG_LINES);
  job.lastLogged = [job.fence, Math.max(known, before + lines.length)];
}

export function withProgress(status: StoredStatus, progress: string | undefined): StoredStatus {
  return progress === undefined ? status : { ...status, progress };
}

/** Makes a status as it is stored: its time to the second, and no `error` if there is none. */
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
 * Returns the number of the attempt that runs, or ran last. A requeued or released attempt has no number of its own. An
 * attempt whose lease was lost has one, although it is not counted either.
 */
export function attemptOf(job: ArrayJob): number {
  return job.place === 'claimed' || job.lost ? job.attempts + 1 : job.attempts;
}

/** Returns the state of a live job, as its status tells it. */
function stateOf(job: ArrayJob): JobState {
  if (job.place === 'claimed') return 'processing';
  if (job.error !== undefined) return 'retrying';
  return job.place === 'delayed' ? 'delayed' : 'queued';
}

/** Returns the state of a live job that is not blocked, as lists tell it: one that waits is `retrying` once it had an attempt or lost its worker. */
export function listedStateOf({ place, attempts, crashes }: ArrayJob): JobState {
  if (place === 'claimed') return 'processing';
  if (attempts + crashes > 0) return 'retrying';
  return place === 'delayed' ? 'delayed' : 'queued';
}

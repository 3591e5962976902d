import { inspect } from 'node:util';
import type { ExternalJobUrl, JobState, QueueJobJson } from '@bull-board/api/typings/app';
import type { ListedState } from '../job/job-status.js';
import type { JobDetails } from '../lists/job-details.js';

/** The names that bull-board has for states; its list is closed. */
export const BOARD_STATES = ['active', 'waiting', 'completed', 'failed', 'delayed'] as const;

export type BoardState = (typeof BOARD_STATES)[number];

/** The states of the jobs that are listed under each of these names. */
export const STATES_OF: Readonly<Record<BoardState, readonly ListedState[]>> = {
  active: ['processing'],
  waiting: ['queued', 'blocked', 'retrying'],
  completed: ['completed', 'cancelled'],
  failed: ['failed'],
  delayed: ['delayed', 'retrying'],
};

/** Tells under which name a job is shown. */
export function boardState({ state, availableAt }: Pick<JobDetails, 'state' | 'availableAt'>): JobState & BoardState {
  switch (state) {
    case 'processing':
      return 'active';
    case 'completed':
    case 'cancelled':
      return 'completed';
    case 'failed':
    case 'delayed':
      return state;
    case 'retrying':
      return availableAt ? 'delayed' : 'waiting';
    default:
      return 'waiting';
  }
}

/** Whether a name is one of {@link BOARD_STATES}. */
export function isBoardState(name: string): name is BoardState {
  return (BOARD_STATES as readonly string[]).includes(name);
}

/** Makes the form of a job that bull-board shows. Times are in milliseconds. */
export function jobJson(job: JobDetails): QueueJobJson {
  const { id, name, attempt, pushedAt, availableAt, startedAt, endedAt, worker, priority } = job;
  // The failures of a job stay when it is put back; one that has completed is shown as no failed one.
  const failures = job.state === 'completed' ? [] : job.failures.toReversed();
  return {
    id,
    name,
    progress: progressOf(job.progress),
    attemptsMade: attempt,
    timestamp: pushedAt.getTime(),
    ...(startedAt && { processedOn: startedAt.getTime() }),
    ...(endedAt && { finishedOn: endedAt.getTime() }),
    ...(worker !== undefined && { processedBy: worker }),
    ...(availableAt && { delay: Math.max(availableAt.getTime() - pushedAt.getTime(), 0) }),
    failedReason: reasonOf(job),
    stacktrace: failures.map(({ stack, error }) => stack ?? error),
    data: job.dataError === undefined ? plain(job.data) : { 'not readable': job.dataError },
    returnvalue: job.resultError === undefined ? plain(job.result) : { 'not readable': job.resultError },
    opts: optionsOf(job),
    ...(priority !== 0 && { priority }),
  };
}

/** The link from a job to its flow, or to the page on which one can cancel it. @param readOnly whether nobody may do that */
export function linkOf(job: QueueJobJson, readOnly: boolean): ExternalJobUrl {
  const options = job.opts as Readonly<Record<string, unknown>>;
  for (const kind of ['chain', 'workflow', 'batch']) {
    const id = options[kind];
    if (typeof id !== 'string') continue;
    return { href: `pages/flow?${new URLSearchParams({ kind, id }).toString()}`, displayText: kind };
  }
  if (!readOnly && isLive(String(options['state']))) return { href: changePath(String(job.id)), displayText: 'cancel' };
  // bull-board shows no link then.
  return undefined as unknown as ExternalJobUrl;
}

/** The page on which a job can be cancelled, and changed. */
export function changePath(id: string): string {
  return `pages/job?${new URLSearchParams({ id }).toString()}`;
}

/** Whether a job in a state can still be cancelled. */
export function isLive(state: string): boolean {
  return state !== 'completed' && state !== 'failed' && state !== 'cancelled';
}

/** Tells everything that bull-board has no place for among the options. */
function optionsOf(job: JobDetails): Record<string, unknown> {
  const { options, state, maxTries, tags, metadata, group, chain, batch, workflow, failures } = job;
  const { delay, carried: _, isAwaited: __, ...rest } = options;
  return {
    ...(plain(rest) as Record<string, unknown>),
    state,
    ...(maxTries !== undefined && { attempts: Number.isFinite(maxTries) ? maxTries : 'endless' }),
    ...(delay !== undefined && { delay: delay * 1000 }),
    ...(group !== undefined && { group: { id: group } }),
    ...(tags.length > 0 && { tags }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(chain !== undefined && { chain }),
    ...(batch !== undefined && { batch }),
    ...(workflow !== undefined && { workflow }),
    ...(failures.length > 0 && {
      failures: failures.map(({ attempt, startedAt, endedAt, error, worker }) => ({
        attempt,
        startedAt: startedAt.toISOString(),
        endedAt: endedAt.toISOString(),
        error,
        worker,
      })),
    }),
  };
}

function reasonOf({ state, error }: JobDetails): string {
  if (state === 'cancelled') return error === undefined ? 'Cancelled' : `Cancelled: ${error}`;
  return error ?? '';
}

function progressOf(progress: unknown): QueueJobJson['progress'] {
  const value = plain(progress);
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return value;
  if (value === null) return 0;
  return Array.isArray(value) ? Object.assign({}, value) : (value as object);
}

/** Returns a value that JSON can hold: data may be anything, as a serializer of the application has read it. */
export function plain(value: unknown): unknown {
  if (value === undefined) return null;
  try {
    const text = JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each));
    return text === undefined ? inspect(value) : (JSON.parse(text) as unknown);
  } catch {
    return inspect(value);
  }
}

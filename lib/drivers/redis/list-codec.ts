import { isEnd, type ListedState } from '../../job/job-status.js';
import type { ListPlace, QueueOverview, StoredJob } from '../queue-lists.interface.js';
import { readCompleted, readFailures } from './kept-codec.js';
import { parseStatus } from './status-finder.js';

/** The length of the time of the push in front of a record. */
const TIME_LENGTH = 13;

/** The values of a job in the reply of a script that lists jobs; see `LISTING`. */
export type JobValues = readonly [
  id: string,
  state: ListedState,
  record: string,
  attempts: string,
  status: string,
  failures: string,
  progress: string,
  first: string,
  second: string,
];

/** The reply of the script `overview`. */
export type OverviewReply = readonly [
  ready: number,
  blocked: number,
  delayed: number,
  reserved: number,
  failed: number,
  ended: number,
  isPaused: number,
  heldUntil: number,
  now: number,
  ...limits: string[],
];

export function readOverview(reply: OverviewReply): QueueOverview {
  const [ready, blocked, delayed, reserved, failed, ended, isPaused, heldUntil, now, ...limits] = reply;
  const [concurrency, max, per] = limits.map((text) => (text === '' ? undefined : Number(text)));
  const rateLimit = max !== undefined && per !== undefined ? { rateLimit: { max, per: per / 1_000_000 } } : {};
  return {
    ready,
    blocked,
    delayed,
    reserved,
    failed,
    ended,
    isPaused: isPaused === 1,
    heldUntil: heldUntil > 0 ? heldUntil : null,
    limits: { ...(concurrency !== undefined && { concurrency }), ...rateLimit },
    now,
  };
}

/** Reads a listed job. @param now the time of the storage, in milliseconds */
export function readListed(queue: string, place: ListPlace, now: number, values: JobValues): StoredJob {
  const [id, state, record, attempts, statusText, failuresText, progress, first, second] = values;
  const status = parseStatus(statusText) ?? undefined;
  const failures = readFailures(failuresText);
  // A status that the application wrote says nothing about the attempts.
  const attempt = status?.attempt ?? Number(/^\d+/.exec(attempts)?.[0] ?? 0);
  const told = progress === '' ? status?.progress : progress;
  const job = {
    id,
    queue,
    state,
    body: record.slice(TIME_LENGTH),
    pushedAt: Number(record.slice(0, TIME_LENGTH)),
    failures,
    ...(told !== undefined && { progress: told }),
  };
  const [last] = failures;
  // An operator may have put a failed job back: then its attempts begin anew.
  const wasTried = state === 'retrying' || (state === 'blocked' && /^(?!0:0:)\d+:\d+:/.test(attempts));
  const error = (wasTried || state === 'failed') && last ? { error: last.error } : {};
  switch (place) {
    case 'claimed': {
      // A fencing token is close to the time of the claim, in thousandths of a millisecond.
      const startedAt = Math.min(Math.floor(Number(first) / 1000), now);
      return { ...job, attempt: Number(/^\d+/.exec(attempts)?.[0] ?? 0) + 1, startedAt, consumer: second };
    }
    case 'delayed':
      return { ...job, attempt, ...error, availableAt: Math.round(Number(first) * 1000) };
    case 'failed': {
      const times = last ? { startedAt: last.startedAt, endedAt: last.endedAt } : { endedAt: Number(first) * 1000 };
      return { ...job, attempt: last?.attempt ?? attempt, ...error, ...times };
    }
    case 'ended': {
      const { claimedAt = 0, endedAt = status?.updatedAt } = first === '' ? {} : readCompleted(first);
      return {
        ...job,
        attempt: status && isEnd(status.state) ? status.attempt : state === 'completed' ? 1 : 0,
        ...(claimedAt > 0 && { startedAt: claimedAt }),
        ...(endedAt !== undefined && { endedAt }),
        ...(status?.error !== undefined && { error: status.error }),
        ...(status?.result !== undefined && { result: status.result }),
      };
    }
    default:
      return { ...job, attempt, ...error };
  }
}

import { nameInRecord } from '../job/job-record.js';
import type { KnownSchedule } from './transitions.js';

/** A schedule as it is now. Times are on the clock of the storage. */
export interface ScheduleInfo {
  readonly name: string;
  /** Missing beside `every`. */
  readonly cron?: string;
  /** Missing beside `every`. */
  readonly timeZone?: string;
  /** Seconds. */
  readonly every?: number;
  readonly startAt?: Date;
  readonly endAt?: Date;
  readonly limit?: number;
  readonly catchUp: 'none' | 'last' | 'all';
  readonly overlap: boolean;
  /** Seconds. */
  readonly jitter: number;
  /** The application whose `@Schedule()` declares it; missing for one that was set at run time. */
  readonly application?: string;
  /** Its job. */
  readonly job: { readonly name: string; readonly queue: string };
  readonly paused: boolean;
  /** Missing while it is paused, and when it has ended. */
  readonly next?: Date;
  /** Its last occurrence that got a job. */
  readonly last?: { readonly time: Date; readonly id: string };
  /** How many occurrences got a job. */
  readonly runs: number;
  /** When it was first set. */
  readonly createdAt: Date;
}

/** Describes a schedule. */
export function toInfo(name: string, { text, state }: KnownSchedule): ScheduleInfo {
  const { cron, timeZone, every, startAt, endAt, limit, catchUp, overlap, jitter, application, queue, body } = text;
  const { isPaused, next, last, runs, createdAt } = state;
  return {
    name,
    ...(cron !== undefined && { cron, timeZone }),
    ...(every !== undefined && { every: every / 1000 }),
    ...(startAt !== undefined && { startAt: new Date(startAt) }),
    ...(endAt !== undefined && { endAt: new Date(endAt) }),
    ...(limit !== undefined && { limit }),
    catchUp,
    overlap,
    jitter: jitter / 1000,
    ...(application !== undefined && { application }),
    job: { name: nameInRecord(body) ?? '', queue },
    paused: isPaused,
    ...(next !== undefined && { next: new Date(next) }),
    ...(last && { last: { time: new Date(last.time), id: last.id } }),
    runs,
    createdAt: new Date(createdAt),
  };
}

import { createHash } from 'node:crypto';
import type { JobTraits } from '../drivers/job-traits.interface.js';

/** What a schedule says, as it is stored; times and spans in milliseconds. */
export interface ScheduleText {
  readonly cron?: string;
  readonly timeZone?: string;
  readonly every?: number;
  readonly startAt?: number;
  readonly endAt?: number;
  readonly limit?: number;
  readonly catchUp: 'none' | 'last' | 'all';
  readonly overlap: boolean;
  readonly jitter: number;
  /** The application that declares it. */
  readonly application?: string;
  readonly queue: string;
  readonly traits?: JobTraits;
  /** The record of its job. */
  readonly body: string;
}

/** The state of a schedule. */
export interface ScheduleState {
  /** Grows with each change. */
  readonly revision: number;
  /** The hash of the text. */
  readonly digest: string;
  /** When it was first set. */
  readonly createdAt: number;
  /** How many occurrences it had. */
  readonly runs: number;
  readonly isPaused: boolean;
  /** Missing while it is paused, and when it has ended. */
  readonly next?: number;
  readonly last?: { readonly time: number; readonly id: string };
}

export function writeText(text: ScheduleText): string {
  return JSON.stringify(text);
}

/** @throws Error if another program wrote it */
export function readText(text: string): ScheduleText {
  const read = JSON.parse(text) as ScheduleText;
  if (typeof read.body !== 'string' || typeof read.queue !== 'string') throw new TypeError('no text of a schedule');
  return read;
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

export function writeState({ revision, digest, createdAt, runs, isPaused, next, last }: ScheduleState): string {
  return JSON.stringify([revision, digest, createdAt, runs, isPaused ? 1 : 0, next ?? null, last?.time, last?.id]);
}

/** @throws Error if another program wrote it */
export function readState(state: string): ScheduleState {
  const [revision, digest, createdAt, runs, isPaused, next, time, id] = JSON.parse(state) as [
    number,
    string,
    number,
    number,
    number,
    number | null,
    number?,
    string?,
  ];
  return {
    revision,
    digest,
    createdAt,
    runs,
    isPaused: isPaused === 1,
    ...(next !== null && { next }),
    ...(typeof time === 'number' && typeof id === 'string' && { last: { time, id } }),
  };
}

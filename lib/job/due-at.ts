import type { RecordOptions } from './job-record.js';

/** A stored job, as far as its times matter. */
export interface TimedJob {
  /** Milliseconds on the clock of the storage, as all times here. */
  readonly pushedAt: number;
  /** When it was first due, if an operator has put it back or changed that. */
  readonly waitsSince?: number;
}

/** Returns when a job was first due: since its push, or since an operator put it back. */
export function dueAt({ pushedAt, waitsSince }: TimedJob, { delay = 0 }: RecordOptions): number {
  return waitsSince ?? pushedAt + delay * 1000;
}

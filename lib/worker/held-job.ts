import type { Chunk } from '../chunks/chunk-collector.js';
import type { ClaimedJob } from '../drivers/queue-driver.interface.js';
import type { JobRecord } from '../job/job-record.js';
import type { Attempt } from '../middleware/job-stage.js';
import type { JobCancelledError } from '../queue.errors.js';
import type { RecoveryPass } from '../recovery/recovery-gate.js';
import type { Claim } from './prefetch-window.js';
import type { QueueFetcher } from './queue-fetcher.js';

/** A claimed job, and where it comes from. */
export interface HeldJob {
  readonly fetcher: QueueFetcher;
  readonly claim: Claim;
  readonly job: ClaimedJob;
  /** The right to hold it, if its worker was lost before. */
  readonly pass: RecoveryPass | undefined;
  /** Its record, if it was read when it was claimed. */
  readonly record: JobRecord | undefined;
  /** The chunk, if this stands for one: it takes one slot. */
  readonly chunk: HeldChunk | undefined;
  /** Set if it was cancelled before it got a slot. */
  cancelled: JobCancelledError | undefined;
  /** Set when it gets a slot. */
  attempt: Attempt | undefined;
  /** Set for an item of a chunk that has a slot: all of its items share one. */
  slot: SharedSlot | undefined;
  /** Its index among the running jobs; -1 while it does not run. */
  index: number;
}

/** What a job has that waits for a slot. */
export const WAITING = {
  pass: undefined,
  record: undefined,
  chunk: undefined,
  cancelled: undefined,
  attempt: undefined,
  slot: undefined,
  index: -1,
} as const satisfies Partial<HeldJob>;

/** The chunk that is due: it waits for a slot. */
export type HeldChunk = Chunk<QueueFetcher, HeldJob>;

/** The slot of a chunk. */
export interface SharedSlot {
  /** How many of the items have not ended. */
  left: number;
}

/** A job that has a slot. */
export type RunningJob = HeldJob & { readonly attempt: Attempt };

import type { JobTraits } from '../drivers/job-traits.interface.js';
import type { DispatchResult } from '../job/dispatch-result.interface.js';
import type { EncodedJob } from '../job/job-codec.js';
import type { JobLabels } from '../job/job-labels.js';
import type { JobForm, RecordOptions } from '../job/job-record.js';
import type { Stage } from './chain.js';

export type { DispatchOutcome, DispatchResult } from '../job/dispatch-result.interface.js';

/** A push that was checked, and is not stored yet. */
export interface PendingPush extends JobLabels {
  readonly id: string;
  /** True if the application gave the id: the push of an id that is stored already adds nothing. */
  readonly unique: boolean;
  /** True if the push takes the id also if its job has ended. */
  readonly replacesEnded?: boolean;
  /** The ticket of the wait for the end of this job. */
  readonly ticket?: string;
  readonly name: string;
  readonly form: JobForm;
  readonly queue: string;
  readonly data: unknown;
  /** Seconds. */
  readonly delay: number;
  readonly options: RecordOptions;
  readonly traits?: JobTraits;
  /** Makes the data from that of the job that waits under the key of this push, and from that of the push. */
  readonly merge?: (waiting: unknown, pushed: unknown) => unknown;
  /** Checks what `merge` has made. @throws PayloadInvalidError */
  readonly check?: (data: unknown) => unknown;
  /** True if it waits for the commit of the transaction in which it is made. */
  readonly afterCommit?: boolean;
  /** Its record, if it was written before it is stored. */
  readonly encoded?: EncodedJob;
}

/**
 * A stage of the dispatch pipeline: between the check of a push and its storing. It runs once for each job, also for the jobs
 * of a bulk push.
 *
 * The jobs of a bulk push are stored together, so a stage must not wait for another push of the same call.
 */
export type DispatchStage = Stage<PendingPush, Promise<DispatchResult>>;

/** Injects {@link DispatchStage} functions into the manager; the first one is the outermost. */
export const DISPATCH_STAGES = Symbol.for('nestjs-job-queue:DispatchStages');

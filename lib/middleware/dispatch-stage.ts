import type { JobForm, RecordOptions } from '../job/job-record.js';
import type { Stage } from './chain.js';

/** A push that was checked, and is not stored yet. */
export interface PendingPush {
  readonly id: string;
  /** True if the application gave the id: the push of an id that is stored already adds nothing. */
  readonly unique: boolean;
  /** True if the push takes the id also if its job has ended. */
  readonly replacesEnded?: boolean;
  readonly name: string;
  readonly form: JobForm;
  readonly queue: string;
  readonly data: unknown;
  /** Seconds. */
  readonly delay: number;
  readonly options: RecordOptions;
}

/**
 * A stage of the dispatch pipeline: between the check of a push and its storing. It runs once for each job, also for the jobs
 * of a bulk push. The result is the id of the job.
 *
 * The jobs of a bulk push are stored together, so a stage must not wait for another push of the same call.
 */
export type DispatchStage = Stage<PendingPush, Promise<string>>;

/** Injects {@link DispatchStage} functions into the manager; the first one is the outermost. */
export const DISPATCH_STAGES = Symbol.for('nestjs-job-queue:DispatchStages');

import type { ChunkSeat, PreparedJob, RegisteredJob } from '../discovery/registered-job.interface.js';
import type { ClaimedJob } from '../drivers/queue-driver.interface.js';
import type { ClaimTime } from '../job/claim-time.interface.js';
import type { JobContext, JobControl } from '../job/job-context.js';
import type { JobOutcome } from '../job/job-outcome.js';
import type { JobRecord } from '../job/job-record.js';
import type { RetryTime } from '../job/retry-time.js';
import type { Timer } from '../support/clock.js';
import type { Stage } from './chain.js';

/** One attempt on its way through the work pipeline, which fills in its parts one after the other. */
export interface Attempt {
  readonly queue: string;
  readonly job: ClaimedJob;
  readonly control: JobControl;
  readonly claim: ClaimTime;
  /** Milliseconds on the monotonic clock. */
  readonly startedAt: number;
  /** The name of the job; empty until its record was read. */
  name: string;
  record: JobRecord | undefined;
  /** The class of the job; missing if this process does not know the name. */
  registered: RegisteredJob | undefined;
  data: unknown;
  context: JobContext | undefined;
  /** The job, ready to run; missing if it could not be made. */
  prepared: PreparedJob | undefined;
  /** Set by an admission stage: the time for further attempts, if it is limited. */
  retryTime: RetryTime | undefined;
  /** Set by an admission stage: the job is made, so that its `failed()` can run, and then fails with this error. */
  rejection: Error | undefined;
  /** What `handle` returned. */
  result: unknown;
  /** Set if the context of its push cannot be restored: the attempt fails with this error. */
  obstacle: Error | undefined;
  /** Its place in a call of `handleChunk`, if it is an item of a chunk. */
  seat: ChunkSeat | undefined;
  /** Ends the attempt if it takes too long. If the attempt ends earlier, it is cancelled. */
  timeout: AttemptLimit | undefined;
}

/** The time that an attempt has. */
export interface AttemptLimit extends Timer {
  /** Settles as a step of the attempt does, or rejects when the time is over. The steps are one behind the other. */
  until<T>(step: Promise<T>): Promise<T>;
}

/**
 * A stage before a job is made: returns how the attempt ends, or `undefined` to let it go on. Only jobs that were recovered
 * from a lost worker, that were cancelled, that have a time limit, that are encoded or have a version, and jobs with an unknown name go through these stages: they cost all
 * other jobs nothing.
 */
export type AdmissionStage = (attempt: Attempt) => JobOutcome | undefined;

/**
 * A stage around `handle`, outside of the job's guards, pipes and interceptors. Its result is the result of `handle`. An error
 * that it throws fails the attempt.
 */
export type JobStage = Stage<Attempt, unknown>;

/** The stages of the work pipeline. */
export interface WorkStages {
  readonly admission: readonly AdmissionStage[];
  readonly handle: readonly JobStage[];
}

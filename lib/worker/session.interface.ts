import type { CheckpointCodec } from '../checkpoints/checkpoint-codec.js';
import type { Subject } from 'rxjs';
import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import type { QueueEvents } from '../events/queue-events.js';
import type { BatchDoor } from '../flows/batch-door.js';
import type { RecoveryGate } from '../recovery/recovery-gate.js';
import type { ResultCodec } from '../results/result-codec.js';
import type { Sampler } from '../stats/sampler.js';
import type { MonotonicClock } from '../support/clock.js';
import type { QueueLogger } from '../support/queue-logger.js';
import type { JobExecutor } from './job-executor.js';
import type { JobReport } from './job-report.js';
import type { LimitOptions } from './run-limits.js';

/** What one run of the worker does. */
export interface SessionOptions extends LimitOptions {
  readonly queues: readonly string[];
  /** Stored queues that were found while it ran, beside those of the {@link queues}. */
  readonly found?: readonly string[];
  /** True if the session gets every other queue, too. */
  readonly isEvery?: boolean;
  /** Whether a queue waits while one before it has jobs. */
  readonly strict: boolean;
  readonly concurrency: number;
  /** True if other sessions of the same run work other queues, with slots of their own. */
  readonly isPool?: boolean;
  /** How many jobs may be claimed beyond that. */
  readonly prefetch: number;
  /** Seconds. */
  readonly lease: number;
  readonly stopWhenEmpty: boolean;
  /** Whether each queue is asked for jobs only once. */
  readonly once: boolean;
}

/** What a run of the worker shares with the runs before and after it. */
export interface SessionParts {
  readonly driver: QueueDriver;
  readonly executor: JobExecutor;
  readonly events: QueueEvents;
  readonly gate: RecoveryGate;
  readonly clock: MonotonicClock;
  readonly logger: QueueLogger;
  readonly reports: Subject<JobReport>;
  readonly checkpoints: CheckpointCodec;
  readonly results: ResultCodec;
  readonly batches: BatchDoor;
  /** Missing if the statistics are off. */
  readonly sampler?: Sampler;
}

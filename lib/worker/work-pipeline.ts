import { cancelledJobs } from '../cancellation/cancelled-jobs.js';
import { MissingCodecs } from '../codecs/missing-codecs.js';
import { Carriers } from '../context/carriers.js';
import type { JobRegistry } from '../discovery/job.registry.js';
import type { QueueEvents } from '../events/queue-events.js';
import { AttemptPolicy, type RunPolicy } from '../job/attempt-policy.js';
import { JobCodec } from '../job/job-codec.js';
import type { AdmissionStage, JobStage } from '../middleware/job-stage.js';
import type { ResolvedQueueOptions } from '../queue.options.js';
import { expiredJobs } from '../expiry/expired-jobs.js';
import { crashLimit } from '../recovery/crash-limit.js';
import { lateRetries } from '../retries/late-retries.js';
import { ResultCodec } from '../results/result-codec.js';
import { attemptTracker } from '../support/attempt-tracker.js';
import type { MonotonicClock } from '../support/clock.js';
import type { QueueLogger } from '../support/queue-logger.js';
import { UnknownNames } from '../unknown-names/unknown-names.js';
import { NewerVersions } from '../versions/newer-versions.js';
import { ChunkCalls } from './chunk-calls.js';
import { JobExecutor } from './job-executor.js';
import { TrackedExecutor } from './tracked-executor.js';

export interface PipelineParts {
  readonly options: ResolvedQueueOptions;
  readonly registry: JobRegistry;
  readonly events: QueueEvents;
  readonly clock: MonotonicClock;
  readonly logger: QueueLogger;
}

/**
 * Composes the work pipeline for one run of the worker. The features of the library are plugged in here.
 *
 * @param run the options of the run, checked
 * @param handleStages the stages around `handle`; the first one is the outermost
 */
export function createExecutor(
  { options, registry, events, clock, logger }: PipelineParts,
  run: RunPolicy = {},
  handleStages: readonly JobStage[] = [],
): JobExecutor {
  const codec = new JobCodec(options);
  const policy = new AttemptPolicy(options.jobs, run);
  // Unknown names come before crashes: such a job is released even if it has cost workers, because this process never runs it.
  // The same is true of data that cannot be read here.
  const admission: AdmissionStage[] = [
    cancelledJobs(policy),
    expiredJobs(clock),
    new UnknownNames(logger).stage,
    new MissingCodecs(codec, logger).stage,
    new NewerVersions(logger).stage,
    crashLimit(policy),
    lateRetries(policy, clock),
  ];
  const stages = { admission, handle: handleStages };
  const results = new ResultCodec(options);
  const tracker = attemptTracker();
  const chunks = new ChunkCalls(registry, codec, tracker);
  const carriers = Carriers.of(options.carriers);
  const parts = { registry, codec, chunks, results, policy, stages, carriers, events, clock, logger };
  return tracker ? new TrackedExecutor(parts, tracker) : new JobExecutor(parts);
}

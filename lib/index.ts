export type { PauseOptions } from './admin/pause-options.js';
export type { QueueInfo } from './admin/queue-info.js';
export { QueueAdmin } from './admin/queue-admin.js';
export { compress, type CompressOptions } from './codecs/compress.js';
export { encrypt, type EncryptOptions } from './codecs/encrypt.js';
export type { CancelAllOptions } from './cancellation/cancel-all-options.js';
export { clsCarrier, type ClsLike } from './context/cls-carrier.js';
export { Job } from './decorators/job.decorator.js';
export { JobRegistry } from './discovery/job.registry.js';
export type { PreparedJob, RegisteredJob, RegisteredJobOptions } from './discovery/registered-job.interface.js';
export type {
  ClaimedJob,
  ConsumerOptions,
  NewJob,
  PushException,
  QueueConsumer,
  QueueCounts,
  QueueDriver,
  QueueListener,
  Settlement,
  PollRequest,
  PollResult,
  StoredStatus,
} from './drivers/queue-driver.interface.js';
export type { StorageFinding } from './drivers/queue-doctor.interface.js';
export { Schedule, type ScheduledClass } from './decorators/schedule.decorator.js';
export { OnQueueEvent } from './decorators/on-queue-event.decorator.js';
export type { QueueEvent, QueueEventMap, QueueEventType } from './events/queue-event.interface.js';
export { QueueEvents } from './events/queue-events.js';
export type { DispatchedChain } from './flows/flow-dispatch.js';
export type { DispatchedBatch } from './flows/batch-dispatch.js';
export type { BatchJobs, BatchOptions, ChainOptions, FlowMember, FlowOptions } from './flows/flow-options.js';
export type { FlowState } from './flows/flow-state.js';
export { WorkflowBuilder, type DispatchedWorkflow, type WorkflowNodeOptions } from './flows/workflow-builder.js';
export type { HealthCheckOptions } from './health/health-options.js';
export type { QueueHealthDetails, QueueHealthResult, QueueHealthState } from './health/health-result.js';
export { QueueHealth } from './health/queue-health.js';
export type { Backoff, BackoffFunction } from './job/backoff.js';
export { ChunkContext } from './job/chunk-context.js';
export type { ChunkItem } from './job/chunk-item.interface.js';
export type { ReleaseOptions } from './job/hold.js';
export type { ChunkOptions } from './job/chunk-options.js';
export { defineJob } from './job/define-job.js';
export type {
  ChunkHandlerOf,
  DefinitionOptions,
  JobDefinition,
  JobHandlerOf,
  SchemaDefinitionOptions,
} from './job/job-definition.js';
export type { AddedJob, JobBatch } from './job/job-batch.js';
export { JobContext } from './job/job-context.js';
export type { JobContextCarrier } from './job/job-context-carrier.interface.js';
export type {
  AttemptOptions,
  HandlerAttemptOptions,
  JobHandlerOptions,
  JobOptions,
  PushManyOptions,
  PushOptions,
} from './job/job-options.js';
export type { JobRetention } from './job/job-retention.js';
export type {
  JobMiddleware,
  MiddlewareType,
  OpenPush as PendingPush,
  PushMiddleware,
} from './job/middleware.interface.js';
export { jobSpec } from './job/job-spec.js';
export type { JobSpec } from './job/job-spec.interface.js';
export { JOB_STATES, LISTED_STATES, type JobState, type JobStatus, type ListedState } from './job/job-status.js';
export type { ChunkHandler, JobClass, JobData, JobHandler, JobInterface, JobResult } from './job/job.interface.js';
export { jsonSerializer } from './job/json-serializer.js';
export type { TransactionSource } from './job/transaction-source.interface.js';
export type { DebounceOptions, PushDebounceOptions } from './job/debounce-options.js';
export type { PushUniqueOptions, UniqueOptions } from './job/unique-options.js';
export type { DecodingFacts, EncodedBytes, PayloadCodec } from './job/payload-codec.interface.js';
export type { ValidateOption } from './job/payload-options.js';
export { UnserializableValueError, type PayloadSerializer } from './job/payload-serializer.js';
export {
  classSchema,
  type ClassSchemaOptions,
  type ClassTransformerOptions,
  type ClassValidatorOptions,
} from './validation/class-schema.js';
export type { FailedAttempt, JobDetails } from './lists/job-details.js';
export type { JobList } from './lists/job-lists.js';
export type { JobListOptions } from './lists/list-options.js';
export type { DispatchOutcome, DispatchResult } from './middleware/dispatch-stage.js';
export { QueueManager, type PingOptions } from './dispatch/queue.manager.js';
export { ReservedJob } from './reserve/reserved-job.js';
export { resolveOptions } from './options/options.resolver.js';
export {
  AuthenticationError,
  CorruptJobError,
  DuplicateJobError,
  InvalidDelayError,
  InvalidFlowError,
  InvalidJobError,
  InvalidJobIdError,
  InvalidOptionError,
  InvalidQueueNameError,
  InvalidScheduleError,
  InvalidStatusError,
  JobCancelledError,
  JobCrashedError,
  JobFailedError,
  JobIdConflictError,
  JobNotFoundError,
  JobSettledError,
  JobTimeoutError,
  LeaseLostError,
  MissingQueueError,
  NotInitializedError,
  PayloadInvalidError,
  PayloadNotSerializableError,
  PayloadTooLargeError,
  QueueBusyError,
  QueueClosedError,
  QueueConnectionError,
  QueueError,
  RetriesOverError,
  StorageCorruptError,
  StorageError,
  StorageFullError,
  TooManyReleasesError,
  UnknownCodecError,
  UnknownJobError,
  UnknownOutcomeError,
  UnknownVersionError,
  UnrecoverableError,
  UnsupportedServerError,
  WaitTimeoutError,
  WorkerShutdownError,
  type IdConflict,
  type JobFailure,
  type PayloadIssue,
  type QueueErrorCode,
} from './queue.errors.js';
export type { ClearOptions, FlushOptions, RetryAllOptions } from './mending/mending-options.js';
export type { PoolOptions } from './options/pools.reader.js';
export { QueueFactory } from './queue.factory.js';
export { QueueModule } from './queue.module.js';
export type { QueueOptionsFactory } from './queue.module-definition.js';
export type {
  DrainPhase,
  EventsOptions,
  GroupLimits,
  GroupSettings,
  JobDefaults,
  QueueDriverName,
  QueueLimits,
  QueueModuleOptions,
  QueueRedisOptions,
  QueueSettings,
  RateLimit,
  ResolvedGroupLimits,
  ResolvedJobDefaults,
  ResolvedLimits,
  ResolvedQueueOptions,
  ResolvedQueueSettings,
  ResolvedRateLimit,
  ResolvedRedisOptions,
  ResolvedRetention,
  ResolvedWorkerOptions,
  RetentionOptions,
  WorkerOptions,
} from './queue.options.js';
export { CLOCK, QUEUE_DRIVER, QUEUE_MODULE_OPTIONS, RESOLVED_QUEUE_OPTIONS } from './queue.tokens.js';
export { QueueSchedules } from './schedules/queue-schedules.js';
export type { ScheduleInfo } from './schedules/schedule-info.js';
export type {
  CronRule,
  DeclaredScheduleOptions,
  EveryRule,
  ScheduleBehaviour,
  ScheduleOptions,
  ScheduleRule,
} from './schedules/schedule-options.interface.js';
export type {
  Percentiles,
  QueueStatistics,
  StatisticsCounts,
  StatisticsOptions,
  StatisticsPoint,
} from './stats/queue-statistics.js';
export { QueueOutboxTransport, type OutboxMessage } from './outbox/queue-outbox-transport.js';
export type { Clock, Timer } from './support/clock.js';
export type { Duration } from './support/duration.js';
export { duration } from './support/read-duration.js';
export type { JobReport } from './worker/job-report.js';
export type { StopReason } from './worker/run-limits.js';
export type { WorkerRunOptions } from './worker/session-options.js';
export type { WaitOptions } from './waiting/wait-options.js';
export { Worker } from './worker/worker.js';
export type { WorkerInfo } from './workers/worker-info.js';

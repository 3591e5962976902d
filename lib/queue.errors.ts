export {
  JobCancelledError,
  JobCrashedError,
  JobSettledError,
  JobTimeoutError,
  LeaseLostError,
  RetriesOverError,
  TooManyReleasesError,
  UnrecoverableError,
  WorkerShutdownError,
} from './errors/attempt-errors.js';
export { InvalidFlowError } from './errors/flow-errors.js';
export { DuplicateJobError, InvalidJobError, NotInitializedError, UnknownJobError } from './errors/job-class-errors.js';
export { JobIdConflictError, type IdConflict } from './errors/job-id-conflict-error.js';
export {
  InvalidDelayError,
  InvalidJobIdError,
  InvalidOptionError,
  InvalidQueueNameError,
  InvalidStatusError,
  MissingQueueError,
} from './errors/option-errors.js';
export {
  CorruptJobError,
  PayloadInvalidError,
  PayloadNotSerializableError,
  PayloadTooLargeError,
  UnknownCodecError,
  UnknownVersionError,
  type PayloadIssue,
} from './errors/payload-errors.js';
export { QueueBusyError } from './errors/queue-busy-error.js';
export { QueueError, type QueueErrorCode } from './errors/queue-error.js';
export { InvalidScheduleError } from './errors/schedule-errors.js';
export {
  AuthenticationError,
  QueueClosedError,
  QueueConnectionError,
  StorageCorruptError,
  StorageError,
  StorageFullError,
  UnknownOutcomeError,
  UnsupportedServerError,
} from './errors/storage-errors.js';
export { JobFailedError, JobNotFoundError, WaitTimeoutError, type JobFailure } from './errors/waiting-errors.js';

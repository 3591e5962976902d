import { describe } from './support/describe.js';

/** What went wrong, for code that tells the cases apart without `instanceof`. */
export type QueueErrorCode =
  | 'ERR_INVALID_OPTION'
  | 'ERR_INVALID_QUEUE_NAME'
  | 'ERR_INVALID_JOB_ID'
  | 'ERR_INVALID_JOB'
  | 'ERR_DUPLICATE_JOB'
  | 'ERR_UNKNOWN_JOB'
  | 'ERR_INVALID_DELAY'
  | 'ERR_INVALID_STATUS'
  | 'ERR_PAYLOAD_NOT_SERIALIZABLE'
  | 'ERR_PAYLOAD_TOO_LARGE'
  | 'ERR_CORRUPT_JOB'
  | 'ERR_CONNECTION'
  | 'ERR_AUTHENTICATION'
  | 'ERR_UNSUPPORTED_SERVER'
  | 'ERR_UNKNOWN_OUTCOME'
  | 'ERR_STORAGE_FULL'
  | 'ERR_STORAGE_CORRUPT'
  | 'ERR_STORAGE'
  | 'ERR_CLOSED'
  | 'ERR_SETTLED'
  | 'ERR_JOB_TIMEOUT'
  | 'ERR_JOB_CRASHED'
  | 'ERR_LEASE_LOST'
  | 'ERR_SHUTDOWN';

/** The base of every error that this library throws on purpose. */
export class QueueError extends Error {
  constructor(
    readonly code: QueueErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** An option, from code or environment, is not what it has to be. */
export class InvalidOptionError extends QueueError {
  constructor(
    readonly option: string,
    expected: string,
    given: unknown,
    options?: ErrorOptions,
  ) {
    super(
      'ERR_INVALID_OPTION',
      `Option "${option}": expected ${expected}, got ${/password/i.test(option) ? typeof given : describe(given)}`,
      options,
    );
  }
}

/** A queue name that could be confused with another key, or is no name at all. */
export class InvalidQueueNameError extends QueueError {
  /** @param where whose queue it is, for the message */
  constructor(
    readonly given: unknown,
    where = '',
  ) {
    super(
      'ERR_INVALID_QUEUE_NAME',
      `Invalid queue name${where && ` of ${where}`}: expected 1 to 64 of A-Z a-z 0-9 _ . - beginning with a letter or digit, got ${describe(given)}`,
    );
  }
}

/** A job id that cannot be stored. */
export class InvalidJobIdError extends QueueError {
  constructor(readonly given: unknown) {
    super('ERR_INVALID_JOB_ID', `Invalid job id: expected 1 to 64 of A-Z a-z 0-9 _ - , got ${describe(given)}`);
  }
}

/** Something that is no job was registered or pushed. */
export class InvalidJobError extends QueueError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_INVALID_JOB', message, options);
  }

  static notAFeature(given: unknown): InvalidJobError {
    return new InvalidJobError(
      `QueueModule.forFeature() expects a list of classes decorated with @Job(), got ${describe(given)}${given === undefined ? ' (a circular import?)' : ''}`,
    );
  }

  static notDecorated(given: unknown): InvalidJobError {
    return new InvalidJobError(
      `Not a job: expected a class decorated with @Job() or an instance of one, got ${describe(given)}`,
    );
  }

  static withoutHandle(className: string): InvalidJobError {
    return new InvalidJobError(`Job class ${className} is decorated with @Job() but has no method handle()`);
  }

  static badName(given: unknown, className: string): InvalidJobError {
    return new InvalidJobError(
      `Invalid name of job class ${className || '(anonymous)'}: expected 1 to 200 characters without control characters, got ${describe(given)}`,
    );
  }

  static carriesItsData(className: string): InvalidJobError {
    return new InvalidJobError(
      `Job class ${className} is registered with QueueModule.forFeature() and takes its data in its constructor: push an instance of it`,
    );
  }

  static takesItsData(className: string): InvalidJobError {
    return new InvalidJobError(
      `Job class ${className} takes its dependencies in its constructor, so that an instance cannot be stored: push the class with its data, push(${className}, data)`,
    );
  }

  static noInstance(className: string): InvalidJobError {
    return new InvalidJobError(
      `A list of job instances is expected, got class ${className} in it: push the class with its data, pushMany(${className}, dataList)`,
    );
  }

  static mixesBoth(className: string): InvalidJobError {
    return new InvalidJobError(
      `Job class ${className} takes both data and dependencies in its constructor: inject the dependencies into properties, @Inject() private readonly service!: Service`,
    );
  }

  static badData(className: string, given: unknown): InvalidJobError {
    return new InvalidJobError(
      `Job class ${className} carries its data in its properties, so that an object is expected, got ${describe(given)}`,
    );
  }

  static unresolved(className: string, where: string, token: string, moduleName: string): InvalidJobError {
    return new InvalidJobError(
      `Job class ${className}: ${where} needs ${token}, which is no provider of ${moduleName} or of what it imports`,
    );
  }

  static notRegistered(className: string): InvalidJobError {
    return new InvalidJobError(
      `Job class ${className} is not registered: list it in a module's providers, or in QueueModule.forFeature([...]) where it carries its data`,
    );
  }
}

/** Two classes claim one job name. */
export class DuplicateJobError extends QueueError {
  constructor(
    readonly jobName: string,
    first: string,
    second: string,
  ) {
    super(
      'ERR_DUPLICATE_JOB',
      `Two job classes have the name "${jobName}": ${first} and ${second}. Give one of them another name: @Job({ name: '...' })`,
    );
  }
}

/** A stored job names a class that this process does not have. */
export class UnknownJobError extends QueueError {
  constructor(readonly jobName: string) {
    super('ERR_UNKNOWN_JOB', `No job class is registered under the name ${describe(jobName)}`);
  }
}

/** A delay or another duration that cannot be meant. */
export class InvalidDelayError extends QueueError {
  constructor(
    readonly parameter: string,
    expected: string,
    given: unknown,
  ) {
    super('ERR_INVALID_DELAY', `Invalid ${parameter}: expected ${expected}, got ${describe(given)}`);
  }
}

/** A status that is none of the known ones. */
export class InvalidStatusError extends QueueError {
  constructor(
    readonly given: unknown,
    expected: readonly string[],
  ) {
    super('ERR_INVALID_STATUS', `Invalid job status: expected one of ${expected.join(', ')}, got ${describe(given)}`);
  }
}

/** Data that would not come back as it went in. */
export class PayloadNotSerializableError extends QueueError {
  constructor(
    readonly jobName: string,
    readonly path: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super('ERR_PAYLOAD_NOT_SERIALIZABLE', `The data of job ${jobName} cannot be stored: ${path} ${reason}`, options);
  }
}

/** Data larger than `maxPayloadSize`; nothing was written. */
export class PayloadTooLargeError extends QueueError {
  constructor(
    readonly jobName: string,
    readonly size: number,
    readonly limit: number,
  ) {
    super(
      'ERR_PAYLOAD_TOO_LARGE',
      `The data of job ${jobName} takes ${size} bytes, the limit (option "maxPayloadSize") is ${limit}: store large data elsewhere and push a reference to it`,
    );
  }
}

/** A stored job that cannot be read back. */
export class CorruptJobError extends QueueError {
  constructor(
    readonly jobId: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super('ERR_CORRUPT_JOB', `Job ${jobId} cannot be read: ${reason}`, options);
  }
}

/** The storage is away. What was asked for has not been done. */
export class QueueConnectionError extends QueueError {
  constructor(what: string, options?: ErrorOptions) {
    super('ERR_CONNECTION', `${what}${reasonOf(options?.cause)}`, options);
  }

  /** Who wanted a job has none; one that comes yet is put back. */
  static noJobInTime(): QueueConnectionError {
    return new QueueConnectionError('The storage gave no answer in time: no job was taken');
  }
}

/** The storage refuses the user name or password, or lacks a permission. */
export class AuthenticationError extends QueueError {
  constructor(where: string, options?: ErrorOptions) {
    super('ERR_AUTHENTICATION', `${where} refuses these credentials${reasonOf(options?.cause)}`, options);
  }
}

/** The server is too old for this library, or of another kind. */
export class UnsupportedServerError extends QueueError {
  constructor(where: string, found: string) {
    super(
      'ERR_UNSUPPORTED_SERVER',
      `${where} runs ${found}: this library needs Redis 7.0 or newer, or Valkey 7.2 or newer`,
    );
  }
}

/**
 * A push was sent, and no answer came in time: the jobs may be stored or not. Pushing again with the same
 * ids (`{ id }`) is safe. Or a popped job was settled, and no answer came in time: that is sent on by itself.
 */
export class UnknownOutcomeError extends QueueError {
  /** All ids of the call, in the order of its data: so that what is not in {@link jobIds} is known to be stored. */
  readonly allIds: readonly string[];

  /** @param jobIds the jobs of which it is not known whether they are stored, or settled */
  constructor(
    readonly jobIds: readonly string[],
    options?: ErrorOptions & { readonly allIds?: readonly string[]; readonly asked?: 'push' | 'settlement' },
  ) {
    const which = jobIds.length === 1 ? `job ${jobIds[0]}` : `${jobIds.length} jobs (first: ${jobIds[0]})`;
    const asked = options?.asked ?? 'push';
    const done = asked === 'push' ? 'stored' : 'settled';
    super(
      'ERR_UNKNOWN_OUTCOME',
      `No answer in time to the ${asked} of ${which}: it may or may not be ${done}${reasonOf(options?.cause)}`,
      options,
    );
    this.allIds = options?.allIds ?? jobIds;
  }

  /** The id of the job, or of the first one of several. */
  get jobId(): string {
    return this.jobIds[0] ?? '';
  }
}

/** The server is at its `maxmemory` and refuses new jobs; those it has go on. */
export class StorageFullError extends QueueError {
  constructor(options?: ErrorOptions) {
    super('ERR_STORAGE_FULL', 'The storage is full and takes no new jobs', options);
  }
}

/** A key of the queue holds something that this library did not put there. */
export class StorageCorruptError extends QueueError {
  constructor(
    readonly queue: string,
    options?: ErrorOptions,
  ) {
    super(
      'ERR_STORAGE_CORRUPT',
      `A key of queue ${queue} holds a value of the wrong type${reasonOf(options?.cause)}`,
      options,
    );
  }
}

/** Any other refusal of the storage. */
export class StorageError extends QueueError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_STORAGE', `The storage answered with an error: ${message}`, options);
  }
}

/** The queue was closed, with the application. */
export class QueueClosedError extends QueueError {
  constructor(what = 'The queue') {
    super('ERR_CLOSED', `${what} is closed`);
  }
}

/** A popped job was settled already, or is not held any more. */
export class JobSettledError extends QueueError {
  constructor(
    readonly jobId: string,
    reason: string,
  ) {
    super('ERR_SETTLED', `Job ${jobId} cannot be settled: ${reason}`);
  }
}

/** An attempt took longer than the job's `timeout`. */
export class JobTimeoutError extends QueueError {
  constructor(
    readonly jobId: string,
    readonly seconds: number,
  ) {
    super('ERR_JOB_TIMEOUT', `Job ${jobId} took longer than its timeout of ${seconds} s`);
  }
}

/** The processes that ran this job died (or lost their lease) too often. */
export class JobCrashedError extends QueueError {
  constructor(
    readonly jobId: string,
    readonly crashes: number,
  ) {
    super('ERR_JOB_CRASHED', `The worker that ran job ${jobId} was lost ${crashes} times`);
  }
}

/** The reason in `context.signal` when the worker no longer holds the job: another one may run it. */
export class LeaseLostError extends QueueError {
  constructor(readonly queue: string) {
    super('ERR_LEASE_LOST', `The lease on the jobs of queue ${queue} was lost: others may run them`);
  }
}

/** The reason in `context.signal` when the worker stops and waits no longer. */
export class WorkerShutdownError extends QueueError {
  constructor() {
    super('ERR_SHUTDOWN', 'The worker shuts down: the job is put back');
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error && cause.message ? ` (${cause.message})` : '';
}

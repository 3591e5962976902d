import { QueueError, reasonOf } from './queue-error.js';

/** The storage cannot be reached, or does not answer. The call has changed nothing. */
export class QueueConnectionError extends QueueError {
  override name = 'QueueConnectionError';

  /** @param hint what the reader may look for, behind the cause */
  constructor(what: string, options?: ErrorOptions, hint = '') {
    super('ERR_CONNECTION', `${what}${reasonOf(options?.cause)}${hint}`, options);
  }

  /** `pop()` got no answer before its deadline. A job that arrives later is requeued. */
  static noJobInTime(): QueueConnectionError {
    return new QueueConnectionError('The storage gave no answer in time: no job was taken');
  }
}

/** The storage refuses the user name or the password, or the user lacks a permission. */
export class AuthenticationError extends QueueError {
  override name = 'AuthenticationError';

  constructor(where: string, options?: ErrorOptions) {
    super('ERR_AUTHENTICATION', `${where} refuses these credentials${reasonOf(options?.cause)}`, options);
  }
}

/** The server is too old for this library, or it is another product. */
export class UnsupportedServerError extends QueueError {
  override name = 'UnsupportedServerError';

  constructor(where: string, found: string, options?: ErrorOptions) {
    super(
      'ERR_UNSUPPORTED_SERVER',
      `${where} runs ${found}: this library needs Redis 7.0 or newer, or Valkey 7.2 or newer`,
      options,
    );
  }
}

/**
 * No answer to a push came in time: the jobs may be stored or not. A second push with the same ids (`{ id }`) is safe.
 * Or no answer to the settlement of a popped job came in time: the library sends the settlement again by itself.
 */
export class UnknownOutcomeError extends QueueError {
  override name = 'UnknownOutcomeError';

  /** All ids of the call, in the order of its data. Jobs that are not in {@link jobIds} are stored. */
  readonly allIds: readonly string[];

  /** @param jobIds the jobs that may be stored (or settled) or not */
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

/** The server has reached its `maxmemory` and refuses new jobs. The jobs that it has go on. */
export class StorageFullError extends QueueError {
  override name = 'StorageFullError';

  constructor(options?: ErrorOptions) {
    super('ERR_STORAGE_FULL', 'The storage is full and takes no new jobs', options);
  }
}

/** A key of the queue holds a value that another program wrote. */
export class StorageCorruptError extends QueueError {
  override name = 'StorageCorruptError';

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

/** The storage answered with another error. */
export class StorageError extends QueueError {
  override name = 'StorageError';

  constructor(message: string, options?: ErrorOptions) {
    super('ERR_STORAGE', `The storage answered with an error: ${message}`, options);
  }
}

/** The application has closed the queue. */
export class QueueClosedError extends QueueError {
  override name = 'QueueClosedError';

  constructor(what = 'The queue') {
    super('ERR_CLOSED', `${what} is closed`);
  }
}

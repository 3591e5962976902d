import { errorReason } from '../support/error-text.js';

/** The kind of a {@link QueueError}, for code that does not use `instanceof`. */
export type QueueErrorCode =
  | 'ERR_INVALID_OPTION'
  | 'ERR_MISSING_QUEUE'
  | 'ERR_INVALID_QUEUE_NAME'
  | 'ERR_INVALID_JOB_ID'
  | 'ERR_JOB_ID_CONFLICT'
  | 'ERR_INVALID_JOB'
  | 'ERR_NOT_INITIALIZED'
  | 'ERR_DUPLICATE_JOB'
  | 'ERR_UNKNOWN_JOB'
  | 'ERR_INVALID_DELAY'
  | 'ERR_INVALID_STATUS'
  | 'ERR_PAYLOAD_NOT_SERIALIZABLE'
  | 'ERR_PAYLOAD_TOO_LARGE'
  | 'ERR_PAYLOAD_INVALID'
  | 'ERR_CORRUPT_JOB'
  | 'ERR_UNKNOWN_CODEC'
  | 'ERR_UNKNOWN_VERSION'
  | 'ERR_CONNECTION'
  | 'ERR_AUTHENTICATION'
  | 'ERR_UNSUPPORTED_SERVER'
  | 'ERR_UNKNOWN_OUTCOME'
  | 'ERR_STORAGE_FULL'
  | 'ERR_STORAGE_CORRUPT'
  | 'ERR_STORAGE'
  | 'ERR_CLOSED'
  | 'ERR_QUEUE_BUSY'
  | 'ERR_SETTLED'
  | 'ERR_JOB_TIMEOUT'
  | 'ERR_JOB_CRASHED'
  | 'ERR_TOO_MANY_RELEASES'
  | 'ERR_RETRIES_OVER'
  | 'ERR_UNRECOVERABLE'
  | 'ERR_JOB_CANCELLED'
  | 'ERR_LEASE_LOST'
  | 'ERR_JOB_FAILED'
  | 'ERR_JOB_NOT_FOUND'
  | 'ERR_WAIT_TIMEOUT'
  | 'ERR_INVALID_FLOW'
  | 'ERR_INVALID_SCHEDULE'
  | 'ERR_SHUTDOWN';

/** The base class of all errors of this library. */
export class QueueError extends Error {
  /** A literal: a minifier would change the name of the class. */
  override name = 'QueueError';

  constructor(
    readonly code: QueueErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Returns the message of a cause in brackets, with a space in front; empty if there is none. */
export function reasonOf(cause: unknown): string {
  const reason = errorReason(cause);
  return reason && ` (${reason})`;
}

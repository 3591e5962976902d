import {
  AuthenticationError,
  QueueConnectionError,
  StorageCorruptError,
  StorageError,
  StorageFullError,
  type QueueError,
} from '../../queue.errors.js';
import { errorReason } from '../../support/error-text.js';

/** An error of Redis or of the connection, translated to an error of the library. */
export interface Failure {
  readonly error: QueueError;
  /** True if the same command may succeed in a moment. */
  readonly transient: boolean;
  /** True if the server has certainly not executed the command. */
  readonly refused: boolean;
}

/**
 * Replies that mean "not now" or "not here": the server did nothing. It will serve again soon, or another server will.
 */
const NOT_NOW =
  /^(?:LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|UNBLOCKED|NOREPLICAS|MISCONF|ERR max number of clients)/;
/** Replies to wrong credentials: an administrator may correct them on the server. */
const AUTHENTICATION = /^(?:NOAUTH|WRONGPASS|ERR AUTH|ERR invalid password)/;
/** Replies if a permission is missing, also a permission for a command of a script (Redis 7.0): a retry would not help. */
const PERMISSION = /^(?:NOPERM|ERR The user executing the script)/;

/**
 * Translates an error. A `ReplyError` of ioredis holds the arguments of the command, payloads among them: therefore
 * only its message is kept, as the cause.
 */
export function translateError(given: unknown, where: { server: string; queue?: string }): Failure {
  const raw = reasonOf(given);
  const message = errorReason(raw) || readMessage(raw);
  const cause = new Error(message);
  cause.stack = undefined;
  if (!isReply(raw)) {
    const error = new QueueConnectionError(`${where.server} cannot be reached`, { cause });
    return { error, transient: true, refused: false };
  }
  // A script reports the errors of its own commands with a prefix or a suffix, depending on the server.
  const reply = message.replace(/^ERR Error running script[^:]*:[^:]*:\d+: /, '').replace(/^-/, '');
  if (AUTHENTICATION.test(reply)) {
    return { error: new AuthenticationError(where.server, { cause }), transient: true, refused: true };
  }
  if (PERMISSION.test(reply)) {
    return { error: new AuthenticationError(where.server, { cause }), transient: false, refused: true };
  }
  if (NOT_NOW.test(reply)) {
    const error = new QueueConnectionError(`${where.server} does not serve at the moment`, { cause });
    return { error, transient: true, refused: true };
  }
  if (reply.startsWith('OOM')) return { error: new StorageFullError({ cause }), transient: false, refused: true };
  if (reply.startsWith('WRONGTYPE')) {
    return { error: new StorageCorruptError(where.queue ?? '', { cause }), transient: false, refused: true };
  }
  return { error: new StorageError(message, { cause }), transient: false, refused: true };
}

/** Returns true if the server does not have the script of a hash. In this case it ran nothing. */
export function isMissingScript(raw: unknown): boolean {
  return isReply(raw) && raw.message.startsWith('NOSCRIPT');
}

/** Returns the error of the last node, if a client could not connect to any node of a cluster. */
function reasonOf(raw: unknown): unknown {
  const { lastNodeError } = (raw ?? {}) as { lastNodeError?: unknown };
  return lastNodeError ?? raw;
}

/** The message of an error that comes from another copy of ioredis, or from another realm, and is no `Error` here. */
function readMessage(raw: unknown): string {
  return isError(raw) ? raw.message : String(raw);
}

function isReply(raw: unknown): raw is Error {
  return isError(raw) && raw.name === 'ReplyError';
}

/** Does not use `instanceof`, because the client may come from another copy of ioredis, or from another realm. */
function isError(raw: unknown): raw is Error {
  return typeof (raw as Error | undefined)?.message === 'string';
}

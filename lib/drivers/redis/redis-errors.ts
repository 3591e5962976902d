import {
  AuthenticationError,
  QueueConnectionError,
  StorageCorruptError,
  StorageError,
  StorageFullError,
  type QueueError,
} from '../../queue.errors.js';

/** An error of Redis or of the connection, in the library's own terms. */
export interface Failure {
  readonly error: QueueError;
  /** Whether the same request may succeed in a moment. */
  readonly transient: boolean;
  /** Whether the server has certainly not carried the request out. */
  readonly refused: boolean;
}

/** Replies that say "not now" or "not here": the server did nothing, and will be fit again, or another one is. */
const NOT_NOW =
  /^(?:LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|UNBLOCKED|NOREPLICAS|MISCONF|ERR max number of clients)/;
/** Replies to wrong credentials: somebody may set them right on the server. */
const AUTHENTICATION = /^(?:NOAUTH|WRONGPASS|ERR AUTH|ERR invalid password)/;
/** Replies to who lacks a permission, also for what a script does (Redis 7.0): asking again would not help. */
const PERMISSION = /^(?:NOPERM|ERR The user executing the script)/;

/**
 * Translates an error. An ioredis `ReplyError` carries the command's arguments, that is payloads: only its message goes
 * on, as the cause.
 */
export function translateError(given: unknown, where: { server: string; queue?: string }): Failure {
  const raw = reasonOf(given);
  const message = isError(raw) ? raw.message : String(raw);
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

/** Whether the server does not have a script that was asked for by its hash; nothing was run then. */
export function isMissingScript(raw: unknown): boolean {
  return isReply(raw) && raw.message.startsWith('NOSCRIPT');
}

/** A cluster that could not be entered tells by the way what its last node said. */
function reasonOf(raw: unknown): unknown {
  const { lastNodeError } = (raw ?? {}) as { lastNodeError?: unknown };
  return lastNodeError ?? raw;
}

function isReply(raw: unknown): raw is Error {
  return isError(raw) && raw.name === 'ReplyError';
}

/** Not by `instanceof`: the client may come from another copy of ioredis, and from another realm. */
function isError(raw: unknown): raw is Error {
  return typeof (raw as Error | undefined)?.message === 'string';
}

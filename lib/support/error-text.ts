import { types } from 'node:util';

const MAX_MESSAGE = 1_000;
const MAX_STACK = 4_000;

/**
 * Turns a thrown value into an `Error`: the executor passes nothing else to `failed()`. Returns an error of another realm
 * (of a `vm` context, or of Node itself inside a jest test) unchanged, although `instanceof Error` is false for it.
 */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error || types.isNativeError(thrown)) return thrown;
  return new Error(typeof thrown === 'string' ? thrown : `A value that is no Error was thrown (${typeof thrown})`, {
    cause: thrown,
  });
}

/** Returns the message of an error, cut to 1,000 characters: the status of a job stores it. */
export function errorMessage(error: Error): string {
  return truncate(String(error.message || error.name || 'Error'), MAX_MESSAGE);
}

/**
 * Returns the stack of an error for the log, cut to 4,000 characters. Leaves out the properties of the error: an ioredis
 * `ReplyError` has the arguments of its command, which contain payloads.
 */
export function errorStack(error: Error): string {
  return truncate(String(error.stack ?? errorMessage(error)), MAX_STACK);
}

function truncate(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

import { types } from 'node:util';

const MAX_MESSAGE = 1_000;
const MAX_STACK = 4_000;

/**
 * Whatever was thrown, as an `Error`: the executor never hands anything else to `failed()`. An error of another realm
 * (a `vm` context, so what Node itself throws inside a jest test) is one, though it is no instance of this realm's class.
 */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error || types.isNativeError(thrown)) return thrown;
  return new Error(typeof thrown === 'string' ? thrown : `A value that is no Error was thrown (${typeof thrown})`, {
    cause: thrown,
  });
}

/** The message of an error, cut to 1,000 characters: what a job's status keeps of it. */
export function errorMessage(error: Error): string {
  return truncate(String(error.message || error.name || 'Error'), MAX_MESSAGE);
}

/**
 * The stack of an error for the log, cut to 4,000 characters. Only the text is taken: the properties of an
 * error (an ioredis `ReplyError` carries the command's arguments, that is payloads) stay out.
 */
export function errorStack(error: Error): string {
  return truncate(String(error.stack ?? errorMessage(error)), MAX_STACK);
}

function truncate(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

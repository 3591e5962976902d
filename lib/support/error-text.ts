import { isError, readText, relatedErrors } from './error-reading.js';
import { withoutOwnFrames } from './own-frames.js';
import { cutText } from './whole-text.js';

const MAX_MESSAGE = 1_000;
const MAX_STACK = 4_000;
const MAX_NAME = 100;
/** How many levels of causes and collected errors are told. */
const MAX_LEVELS = 5;
/** How many of the errors that an error collects are told. */
const MAX_COLLECTED = 5;

/**
 * Turns a thrown value into an `Error`: the executor passes nothing else to `failed()`. Returns an error of another realm
 * unchanged, although `instanceof Error` is false for it.
 */
export function toError(thrown: unknown): Error {
  if (isError(thrown)) return thrown;
  return new Error(typeof thrown === 'string' ? thrown : `A value that is no Error was thrown (${typeof thrown})`, {
    cause: thrown,
  });
}

/**
 * Returns the message of an error with the messages of its causes and of the errors that it collects, cut to 1,000 characters: the
 * status of a job stores it. Replaces halves of characters. Takes texts only, no other properties: they may contain payloads.
 */
export function errorMessage(error: Error): string {
  return errorReason(error) || readText(error, 'name') || 'Error';
}

/** Returns the same text as {@link errorMessage}; empty if neither the error nor its causes have a message. */
export function errorReason(error: unknown): string {
  return cutText(reasonOf(error, MAX_LEVELS, new Set()), MAX_MESSAGE);
}

/**
 * Returns the stack of an error for the log, then the stacks of its causes and of the errors that it collects, cut to 4,000
 * characters. Leaves out the frames of this library, and the properties of the error: an ioredis `ReplyError` has the arguments
 * of its command, which contain payloads.
 */
export function errorStack(error: Error): string {
  return cutText(stacksOf(error, MAX_LEVELS, new Set()).join('\n'), MAX_STACK);
}

/** Returns the name of an error, cut to 100 characters. */
export function errorName(error: Error): string {
  return cutText(readText(error, 'name'), MAX_NAME) || 'Error';
}

function reasonOf(error: unknown, levels: number, seen: Set<unknown>): string {
  if (typeof error === 'string') return error;
  if (!isError(error) || levels === 0 || seen.has(error)) return '';
  seen.add(error);
  const { errors, cause } = relatedErrors(error, MAX_COLLECTED);
  const collected = errors.map((each) => reasonOf(each, levels - 1, seen));
  const parts = [collected.filter((text) => text !== '').join('; '), reasonOf(cause, levels - 1, seen)];
  return parts.reduce(
    // Many errors repeat the message of their cause.
    (text, part) => (part === '' || text.includes(part) ? text : text === '' ? part : `${text}: ${part}`),
    readText(error, 'message').slice(0, MAX_MESSAGE + 1),
  );
}

function stacksOf(error: unknown, levels: number, seen: Set<unknown>): string[] {
  if (!isError(error) || levels === 0 || seen.has(error)) return [];
  seen.add(error);
  const { errors, cause } = relatedErrors(error, MAX_COLLECTED);
  const own = withoutOwnFrames(readText(error, 'stack').slice(0, 2 * MAX_STACK)) || errorMessage(error);
  const related = [...errors, cause].flatMap((each) => stacksOf(each, levels - 1, seen));
  // An error without a stack of its own may be told already.
  return [
    own,
    ...related.filter((stack) => !own.includes(stack)).map((stack) => stack.replace(/^(?!Caused by: )/, 'Caused by: ')),
  ];
}

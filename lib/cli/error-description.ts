import { CommandError } from './command-error.js';
import { readText } from '../support/error-reading.js';
import { errorMessage, errorStack, toError } from '../support/error-text.js';

/** Matches the error codes of this library and of Node: the messages of these errors are clear without a stack. */
const OWN_CODE = /^ERR_/;
const FRAME = /^ +at (?:.*[ (])?((?:file:\/\/)?(?:\/|[A-Z]:)[^()]+:\d+:\d+)\)?$/;

/** Describes an error in one line, followed by the line of code that threw it. */
export function describeError(thrown: unknown): string {
  const error = toError(thrown);
  const place = placeOf(error);
  return `${readText(error, 'name')}: ${errorMessage(error)}${place === undefined ? '' : `\n    at ${place}`}`;
}

/** Describes the error that ends the command: by its message if that was written for the user, else by its stack. */
export function describeFailure(thrown: unknown): string {
  const error = toError(thrown);
  if (error instanceof CommandError) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && OWN_CODE.test(code) ? errorMessage(error) : errorStack(error);
}

/** Finds the place of an error: for a syntax error the first line of the stack, for others the first frame outside Node. */
function placeOf(error: Error): string | undefined {
  const lines = readText(error, 'stack').split('\n');
  if (error instanceof SyntaxError && /^(file:\/\/|\/).*:\d+$/.test(lines[0] ?? '')) return lines[0];
  return lines.map((line) => FRAME.exec(line)?.[1]).find((place) => place !== undefined);
}

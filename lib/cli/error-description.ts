import { CommandError } from './command-error.js';
import { errorMessage, errorStack, toError } from '../support/error-text.js';

/** What this library and node say on purpose is clear without a stack. */
const OWN_CODE = /^ERR_/;
const FRAME = /^ +at (?:.*[ (])?((?:file:\/\/)?(?:\/|[A-Z]:)[^()]+:\d+:\d+)\)?$/;

/** An error in one line, and where in the application's own files it comes from. */
export function describeError(thrown: unknown): string {
  const error = toError(thrown);
  const place = placeOf(error);
  return `${error.name}: ${errorMessage(error)}${place === undefined ? '' : `\n    at ${place}`}`;
}

/** An error as it ends the command: its message where that is meant for the user, else with the stack. */
export function describeFailure(thrown: unknown): string {
  const error = toError(thrown);
  if (error instanceof CommandError) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && OWN_CODE.test(code) ? errorMessage(error) : errorStack(error);
}

/** Of a syntax error the place is the first line of the stack, of others the first frame outside of node. */
function placeOf(error: Error): string | undefined {
  const lines = (error.stack ?? '').split('\n');
  if (error instanceof SyntaxError && /^(file:\/\/|\/).*:\d+$/.test(lines[0] ?? '')) return lines[0];
  return lines.map((line) => FRAME.exec(line)?.[1]).find((place) => place !== undefined);
}

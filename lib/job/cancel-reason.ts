import { InvalidOptionError } from '../queue.errors.js';
import { errorMessage } from '../support/error-text.js';

/** Reads the reason of a cancellation, and cuts it as the message of an error. @throws InvalidOptionError */
export function readCancelReason(reason: unknown): string | undefined {
  if (reason === undefined || reason === '') return reason;
  if (typeof reason !== 'string') throw new InvalidOptionError('reason', 'a string', reason);
  return errorMessage(new Error(reason));
}

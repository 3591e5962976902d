import { errorMessage, errorStack, toError } from './error-text.js';
import type { QueueLogger } from './queue-logger.js';

/**
 * Calls a listener of the application. Logs an error that it throws, or that its promise rejects with: it must not fail the job,
 * another listener or the process.
 *
 * @param what the listener, for the log
 */
export function callListener(what: string, logger: QueueLogger, call: () => unknown): void {
  const onError = (thrown: unknown): void => {
    const error = toError(thrown);
    logger.error(`${what} threw: ${errorMessage(error)}`, errorStack(error));
  };
  try {
    const result = call();
    if (result instanceof Promise) result.catch(onError);
  } catch (thrown) {
    onError(thrown);
  }
}

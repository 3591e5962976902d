import { Logger, type LoggerService } from '@nestjs/common';

/** Receives the log messages of the library. It never throws. */
export interface QueueLogger {
  log(message: string): void;
  warn(message: string): void;
  error(message: string, stack?: string): void;
  debug(message: string): void;
}

const SILENT: QueueLogger = Object.freeze({ log() {}, warn() {}, error() {}, debug() {} });

/**
 * Makes the logger from the option `logger`.
 *
 * @param given the option: `false` for no messages, `undefined` for Nest's own logger
 * @param context the word in brackets in front of each message
 */
export function createQueueLogger(given: LoggerService | false | undefined, context: string): QueueLogger {
  if (given === false) return SILENT;
  const logger = given ?? new Logger(context);
  // Nest's own logger knows its context.
  const last = given ? [context] : [];
  return {
    log: (message) => guard(message, () => logger.log(message, ...last)),
    warn: (message) => guard(message, () => logger.warn(message, ...last)),
    error: (message, stack) =>
      guard(message, () => logger.error(message, ...(stack === undefined ? [] : [stack]), ...last)),
    debug: (message) => guard(message, () => logger.debug?.(message, ...last)),
  };
}

/**
 * Writes a message. A logger that throws (its disk is full, or it has a bug) must not change what happens to a job: the message
 * goes to stderr then.
 */
function guard(message: string, write: () => unknown): void {
  const onError = (): void => {
    try {
      process.stderr.write(`${message}\n`);
    } catch {
      // Nobody is left to tell it to.
    }
  };
  try {
    const writing = write();
    if (writing instanceof Promise) writing.catch(onError);
  } catch {
    onError();
  }
}

import { Logger, type LoggerService } from '@nestjs/common';

/** Receives the log messages of the library. */
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
  if (given === undefined) return new Logger(context);
  return {
    log: (message) => void given.log(message, context),
    warn: (message) => void given.warn(message, context),
    error: (message, stack) =>
      void (stack === undefined ? given.error(message, context) : given.error(message, stack, context)),
    debug: (message) => void given.debug?.(message, context),
  };
}

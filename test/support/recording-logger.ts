import type { QueueLogger } from '../../lib/support/queue-logger.js';

type Level = keyof QueueLogger;

/** Records the log messages of the library. */
export class RecordingLogger implements QueueLogger {
  private entries: { readonly level: Level; readonly text: string }[] = [];

  log(message: string): void {
    this.keep('log', message);
  }

  warn(message: string): void {
    this.keep('warn', message);
  }

  error(message: string, stack?: string): void {
    this.keep('error', message, stack);
  }

  debug(message: string): void {
    this.keep('debug', message);
  }

  /** Returns the messages of one level. The stack of an error follows its message. */
  of(level: Level): string[] {
    return this.entries.filter((entry) => entry.level === level).map(({ text }) => text);
  }

  /** All messages, one a line. */
  get text(): string {
    return this.entries.map(({ level, text }) => `${level}: ${text}`).join('\n');
  }

  clear(): void {
    this.entries = [];
  }

  private keep(level: Level, ...parts: (string | undefined)[]): void {
    this.entries.push({ level, text: parts.filter((part) => part !== undefined).join('\n') });
  }
}

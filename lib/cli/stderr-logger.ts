import { inspect } from 'node:util';
import type { LoggerService } from '@nestjs/common';
import { localTime } from './format.js';

type Level = 'LOG' | 'WARN' | 'ERROR' | 'FATAL';

/** The contexts of Nest's messages during boot. They are left out: the command prints its own first line and failure. */
const BOOT_CONTEXTS = new Set<unknown>(['NestFactory', 'InstanceLoader', 'ExceptionHandler']);

/**
 * Replaces Nest's logger in this process. Writes to stderr, so that stdout has only the lines of the jobs, and without
 * colours, because stderr mostly goes to a file. Leaves out `debug` and `verbose`.
 */
export class StderrLogger implements LoggerService {
  /**
   * @param quiet true to write only errors
   * @param write writes to stderr
   */
  constructor(
    private readonly quiet: boolean,
    private readonly write: (text: string) => void,
  ) {}

  log(message: unknown, ...rest: unknown[]): void {
    if (!this.quiet) this.print('LOG', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    if (!this.quiet) this.print('WARN', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.print('ERROR', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.print('FATAL', message, rest);
  }

  /** Prints a message. As everywhere in Nest, the last value is the context; a stack may stand before it. */
  private print(level: Level, message: unknown, rest: readonly unknown[]): void {
    const context = rest.at(-1);
    if (BOOT_CONTEXTS.has(context)) return;
    const named = typeof context === 'string' && !context.includes('\n');
    const texts = [message, ...(named ? rest.slice(0, -1) : rest)].filter((value) => value !== undefined).map(toText);
    const source = named ? ` [${context}]` : '';
    this.write(`${localTime(new Date())}  ${level.padEnd(5)}${source} ${texts.join('\n')}\n`);
  }
}

function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return inspect(value);
  } catch {
    return 'a value that cannot be shown';
  }
}

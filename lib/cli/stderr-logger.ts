import { inspect } from 'node:util';
import type { LoggerService } from '@nestjs/common';
import { localTime } from './format.js';

type Level = 'LOG' | 'WARN' | 'ERROR' | 'FATAL';

/**
 * What Nest says while it boots. The command has a start line of its own, and says itself why it could not start.
 */
const BOOT_CONTEXTS = new Set<unknown>(['NestFactory', 'InstanceLoader', 'ExceptionHandler']);

/**
 * Nest's logger in this process: it writes to stderr, so that stdout has the lines of the jobs and nothing else, and no
 * colours, since stderr mostly ends in a file. `debug` and `verbose` are left out.
 */
export class StderrLogger implements LoggerService {
  /**
   * @param quiet whether only errors are written
   * @param write where to
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

  /** The last of several values is the name of who speaks, as everywhere in Nest; a stack may stand before it. */
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
  return typeof value === 'string' ? value : inspect(value);
}

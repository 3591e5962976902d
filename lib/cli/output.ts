import { JsonPrinter } from './json-printer.js';
import type { Printer } from './printer.interface.js';
import type { WorkerArguments } from './program.js';
import { silentPrinter } from './silent-printer.js';
import { TextPrinter } from './text-printer.js';

type Write = (text: string) => void;

/**
 * Makes the printer that the options ask for. With `--json` it keeps stdout for itself and redirects all other output
 * (for example a `console.log` of the application) to stderr, so that a program can parse stdout.
 */
export function createPrinter({ json, quiet }: Pick<WorkerArguments, 'json' | 'quiet'>): Printer {
  const { stdout, stderr } = process;
  const write: Write = stdout.write.bind(stdout);
  if (json) stdout.write = stderr.write.bind(stderr);
  if (quiet) return silentPrinter;
  return json ? new JsonPrinter(write) : new TextPrinter(write, stdout.isTTY && !process.env['NO_COLOR']);
}

/** Keeps the worker running after the reader of its output has gone (`queue-worker | head`). */
export function surviveClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

/** Resolves when all output is written, or cannot be written any more. */
export async function flushOutput(): Promise<void> {
  const flush = async (stream: NodeJS.WriteStream): Promise<void> =>
    new Promise((resolve) => {
      stream.write('', () => resolve());
    });
  await Promise.all([flush(process.stdout), flush(process.stderr)]);
}

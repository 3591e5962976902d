import { JsonPrinter } from './json-printer.js';
import type { Printer } from './printer.interface.js';
import type { WorkerArguments } from './program.js';
import { silentPrinter } from './silent-printer.js';
import { TextPrinter } from './text-printer.js';

type Write = (text: string) => void;

/** How long the last output may take, in milliseconds. */
const FLUSH_LIMIT = 1_000;

/**
 * Makes the printer that the options ask for. With `--json` it keeps stdout for itself and redirects all other output
 * (for example a `console.log` of the application) to stderr, so that a program can parse stdout.
 */
export function createPrinter({ json, quiet }: Pick<WorkerArguments, 'json' | 'quiet'>): Printer {
  const { stdout, stderr } = process;
  const write = writerOf(stdout);
  if (json) stdout.write = stderr.write.bind(stderr);
  if (quiet) return silentPrinter;
  return json ? new JsonPrinter(write) : new TextPrinter(write, stdout.isTTY && !process.env['NO_COLOR']);
}

/**
 * Keeps the worker running if its output cannot be written: the reader has gone (`queue-worker | head`), the disk is full, the
 * terminal was closed. It is better to lose lines than to lose jobs. Later lines are written again if that is possible.
 */
export function surviveLostOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** Makes a function that writes to a stream and never throws. */
export function writerOf(stream: NodeJS.WriteStream): Write {
  const write = stream.write.bind(stream);
  return (text) => {
    try {
      write(text);
    } catch {
      // The line is lost.
    }
  };
}

/** Resolves when all output is written, or cannot be written any more, at the latest after a second. */
export async function flushOutput(): Promise<void> {
  const flush = async (stream: NodeJS.WriteStream): Promise<void> =>
    new Promise((resolve) => {
      setTimeout(resolve, FLUSH_LIMIT);
      try {
        stream.write('', () => resolve());
      } catch {
        resolve();
      }
    });
  await Promise.all([flush(process.stdout), flush(process.stderr)]);
}

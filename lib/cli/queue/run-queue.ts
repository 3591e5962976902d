import { CommanderError } from 'commander';
import { CommandError, EXIT, type ExitCode } from '../command-error.js';
import { loadEnvFile } from '../env-file.js';
import { describeFailure } from '../error-description.js';
import { connectQueues, type QueuePlace } from './queue-connection.js';
import type { QueueIo } from './queue-io.js';
import { QueueOutput } from './queue-output.js';
import { queueProgram } from './queue-program.js';
import type { RunCommand } from './queue-tools.js';

/** The options that stand before or behind every command. */
interface SharedOptions extends QueuePlace {
  readonly json?: boolean;
  readonly envFile?: string;
}

/** The codes of the errors that a word of the command line, or a variable, causes. */
const OF_USAGE: ReadonlySet<unknown> = new Set([
  'ERR_INVALID_OPTION',
  'ERR_INVALID_QUEUE_NAME',
  'ERR_INVALID_JOB_ID',
  'ERR_INVALID_DELAY',
]);

/**
 * Runs the command `queue`: reads the command line, connects to the Redis, does the work, and closes the connection.
 *
 * @returns the exit code
 */
export async function runQueue(argv: readonly string[], io: QueueIo): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const run: RunCommand = async (work) => {
    const { url, prefix, json = false, envFile } = program.opts<SharedOptions>();
    loadEnvFile(process.cwd(), envFile);
    const connection = await connectQueues({ url, prefix });
    try {
      code = (await work({ ...connection, out: new QueueOutput(io.write, json), io })) ?? EXIT.ok;
    } finally {
      await connection.close();
    }
  };
  const program = queueProgram(run, io);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    // Commander has written its own message.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    io.writeError(`queue: ${describeFailure(error)}\n`);
    return exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandError) return error.exitCode;
  return OF_USAGE.has((error as { code?: unknown }).code) ? EXIT.usage : EXIT.failure;
}

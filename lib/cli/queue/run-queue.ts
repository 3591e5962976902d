import { CommanderError } from 'commander';
import { CommandError, EXIT, type ExitCode } from '../command-error.js';
import { loadEnvFile } from '../env-file.js';
import { describeFailure } from '../error-description.js';
import { connectQueues, type QueuePlace } from './queue-connection.js';
import type { QueueIo } from './queue-io.js';
import { QueueOutput } from './queue-output.js';
import { queueProgram } from './queue-program.js';
import { startApplication } from './queue-application.js';
import type { ApplicationTools, QueueTools, RunCommand } from './queue-tools.js';

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
  const options = (): SharedOptions => program.opts<SharedOptions>();
  const within = async <T extends { close(): Promise<void> }>(
    opened: T,
    work: (tools: T & Pick<QueueTools, 'out' | 'io'>) => Promise<ExitCode | void>,
  ): Promise<void> => {
    try {
      code = (await work({ ...opened, out: new QueueOutput(io.write, options().json ?? false), io })) ?? EXIT.ok;
    } finally {
      await opened.close();
    }
  };
  const run: RunCommand = Object.assign(
    async (work: (tools: QueueTools) => Promise<ExitCode | void>) => {
      const { url, prefix, envFile } = options();
      loadEnvFile(process.cwd(), envFile);
      await within(await connectQueues({ url, prefix }), work);
    },
    {
      inApplication: async (module: string, work: (tools: ApplicationTools) => Promise<ExitCode | void>) => {
        assertOwnPlace(options());
        loadEnvFile(process.cwd(), options().envFile);
        await within(await startApplication(module, io.writeError), work);
      },
    },
  );
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

/** @throws CommandError if the command line names another place than the application */
function assertOwnPlace({ url, prefix }: SharedOptions): void {
  const given = url === undefined ? prefix !== undefined && '--prefix' : '--url';
  if (given) throw new CommandError(`--module takes the server of the application: leave ${given} away`, EXIT.usage);
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandError) return error.exitCode;
  return OF_USAGE.has((error as { code?: unknown }).code) ? EXIT.usage : EXIT.failure;
}

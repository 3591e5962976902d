import type { LoggerService } from '@nestjs/common';
import type { ExitCode } from '../command-error.js';
import type { HealthServer } from '../health-server.js';
import type { WorkerArguments } from '../program.js';
import type { RunningProcess } from '../worker-run.js';
import { Supervisor } from './supervisor.js';

/** The options of the parent alone. Each takes a value. */
const OWN_OPTIONS = ['--processes', '--health-port'];

/** Runs the command in several processes, until all of them have ended. @returns the exit code */
export async function supervise(
  argv: readonly string[],
  { processes = 1, stopWhenEmpty }: Pick<WorkerArguments, 'processes' | 'stopWhenEmpty'>,
  { signals, pauses }: Pick<RunningProcess, 'signals' | 'pauses'>,
  logger: Required<Pick<LoggerService, 'warn'>>,
  probes: HealthServer | undefined,
): Promise<ExitCode> {
  const options = { processes, script: process.argv[1]!, args: withoutOwnOptions(argv), stopWhenEmpty };
  const supervisor = new Supervisor(options, logger);
  probes?.serve(supervisor);
  const code = await supervisor.run(signals, pauses);
  probes?.close();
  return code;
}

/** Returns the arguments of each process. */
export function withoutOwnOptions(argv: readonly string[]): string[] {
  return argv.filter((word, index) => {
    const isOwn = OWN_OPTIONS.some((option) => word === option || word.startsWith(`${option}=`));
    return !isOwn && !OWN_OPTIONS.includes(argv[index - 1] ?? '');
  });
}

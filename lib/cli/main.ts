#!/usr/bin/env node
import { CommandError, EXIT, type ExitCode } from './command-error.js';
import { describeFailure } from './error-description.js';
import { flushOutput, surviveLostOutput, writerOf } from './output.js';
import { PauseSignals } from './pause-signals.js';
import { queueWorker } from './queue-worker.js';
import { ShutdownSignals } from './shutdown-signals.js';
import { UncaughtErrors } from './uncaught-errors.js';

/** Ends the process after its output. A timer or a connection of the application could keep it alive after its work is done. */
async function end(code: ExitCode): Promise<void> {
  await flushOutput();
  process.exit(code);
}

function fail(error: unknown): ExitCode {
  writerOf(process.stderr)(`queue-worker: ${describeFailure(error)}\n`);
  return error instanceof CommandError ? error.exitCode : EXIT.failure;
}

/** Runs the command `queue-worker` and returns its exit code. */
async function main(): Promise<ExitCode> {
  surviveLostOutput();
  // Before the worker runs, the process holds no job and can end at once.
  const signals = new ShutdownSignals(() => process.exit(EXIT.ok));
  const pauses = new PauseSignals();
  const errors = new UncaughtErrors((error) => void end(fail(error)));
  try {
    return await queueWorker(process.argv.slice(2), { signals, pauses, errors, exit: (code) => process.exit(code) });
  } catch (error) {
    return fail(error);
  }
}

await end(await main());

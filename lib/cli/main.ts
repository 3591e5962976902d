#!/usr/bin/env node
import { CommandError, EXIT, type ExitCode } from './command-error.js';
import { describeFailure } from './error-description.js';
import { flushOutput, surviveClosedOutput } from './output.js';
import { queueWorker } from './queue-worker.js';
import { ShutdownSignals } from './shutdown-signals.js';

/** Runs the command `queue-worker` and returns its exit code. */
async function main(): Promise<ExitCode> {
  surviveClosedOutput();
  // Before the worker runs, the process holds no job and can end at once.
  const signals = new ShutdownSignals(() => process.exit(EXIT.ok));
  try {
    await queueWorker(process.argv.slice(2), signals, (code) => process.exit(code));
    return EXIT.ok;
  } catch (error) {
    process.stderr.write(`queue-worker: ${describeFailure(error)}\n`);
    return error instanceof CommandError ? error.exitCode : EXIT.failure;
  }
}

const code = await main();
await flushOutput();
// A timer or a connection of the application could keep the process alive after its work is done.
process.exit(code);

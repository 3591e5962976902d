#!/usr/bin/env node
import { CommandError, EXIT, type ExitCode } from './command-error.js';
import { describeFailure } from './error-description.js';
import { flushOutput, surviveClosedOutput } from './output.js';
import { queueWorker } from './queue-worker.js';
import { ShutdownSignals } from './shutdown-signals.js';

/** The process of the command `queue-worker`: from its arguments to its exit code. */
async function main(): Promise<ExitCode> {
  surviveClosedOutput();
  // Until the worker runs there is nothing to wait for.
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
// Something of the application may still hold the process open; its work is done.
process.exit(code);

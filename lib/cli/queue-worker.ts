import { startWorkersManually } from '../support/manual-worker.js';
import { bootApplication, type Application } from './application.js';
import { CommandError, EXIT, type ExitCode } from './command-error.js';
import { loadEnvFile } from './env-file.js';
import { HealthServer } from './health-server.js';
import { findModule } from './module-finder.js';
import { loadModule } from './module-loader.js';
import { createPrinter, writerOf } from './output.js';
import { hasParent, linkToParent } from './processes/parent-link.js';
import { supervise } from './processes/supervise.js';
import { parseArguments, type WorkerArguments } from './program.js';
import { StderrLogger } from './stderr-logger.js';
import { queueWarnings } from './worked-queues.js';
import { WorkerRun, type RunningProcess } from './worker-run.js';

/** How long the application may take to close after its worker has stopped, in milliseconds. */
const CLOSE_LIMIT = 10_000;

const ARRAY_DRIVER = `The application uses the "array" driver, which keeps its jobs in its own process: jobs that other processes push do not arrive here.
Set QUEUE_DRIVER=redis (or the option "driver") to work the jobs of other processes.`;

const NO_GLOBAL_ENHANCERS = `The option "globalEnhancers" is on, but the module provides no global guard, pipe, interceptor or filter.
queue-worker does not run main.ts: useGlobalGuards() and the like have no effect here. Provide APP_GUARD, APP_PIPE, APP_INTERCEPTOR or APP_FILTER in a module.`;

/**
 * Runs the command, from its arguments to the end of its work. The order matters:
 *
 *     arguments checked -> variables set -> probes answered -> module loaded -> application booted -> jobs run -> application closed
 *
 * Modules of the application read variables while they load, so the variables come first. A wrong command line ends the
 * command before the application boots.
 *
 * @returns the exit code
 * @throws CommandError if the user can repair the failure, else the error that stopped the application
 */
export async function queueWorker(argv: readonly string[], running: RunningProcess): Promise<ExitCode> {
  const options = parseArguments(argv);
  if (typeof options === 'string') {
    process.stdout.write(options);
    return EXIT.ok;
  }
  const cwd = process.cwd();
  loadEnvFile(cwd, options.envFile);
  const printer = createPrinter(options);
  const logger = new StderrLogger(options.quiet, writerOf(process.stderr));
  const probes = await openProbes(options);
  if ((options.processes ?? 1) > 1) return supervise(argv, options, running, logger, probes);
  const application = await boot(cwd, options, logger);
  const probed = {
    isAlive: () => application.health.isAlive(),
    state: async () => (await application.health.check('queue')).queue,
  };
  probes?.serve(probed);
  if (hasParent()) linkToParent(probed, options.shutdownTimeout ?? application.options.worker.shutdownTimeout);
  await new WorkerRun(application, options, printer, logger).run(running);
  await close(application);
  probes?.close();
  return running.errors.count > 0 ? EXIT.failure : EXIT.ok;
}

async function openProbes({ healthPort }: WorkerArguments): Promise<HealthServer | undefined> {
  if (healthPort === undefined) return undefined;
  const server = new HealthServer();
  await server.listen(healthPort);
  return server;
}

async function boot(cwd: string, options: WorkerArguments, logger: StderrLogger): Promise<Application> {
  // Before the module loads: a main file starts the application, and its worker, while it loads.
  startWorkersManually();
  const loaded = await loadModule(findModule(cwd, options.module));
  const application = await bootApplication(loaded, logger);
  if (application.options.driver === 'array') logger.warn(ARRAY_DRIVER, 'queue-worker');
  if (application.options.globalEnhancers && !application.hasGlobalEnhancers) {
    logger.warn(NO_GLOBAL_ENHANCERS, 'queue-worker');
  }
  // With --json the started event has the queues that are not worked as a field.
  for (const warning of queueWarnings(options, application, !options.json)) logger.warn(warning, 'queue-worker');
  return application;
}

/** Closes the application within a limit: its jobs are settled, and a hook that never ends would keep the process forever. */
async function close(application: Application): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    const error = new CommandError(`The application did not close within ${CLOSE_LIMIT / 1000} s`, EXIT.failure);
    timer = setTimeout(() => reject(error), CLOSE_LIMIT);
  });
  try {
    await Promise.race([application.close(), limit]);
  } finally {
    clearTimeout(timer);
  }
}

import { startWorkersManually } from '../../support/manual-worker.js';
import { bootApplication } from '../application.js';
import { CommandError, EXIT } from '../command-error.js';
import { findModule } from '../module-finder.js';
import { loadModule } from '../module-loader.js';
import { StderrLogger } from '../stderr-logger.js';
import type { ApplicationTools } from './queue-tools.js';

const ARRAY_DRIVER =
  'The application uses the "array" driver, whose jobs live in its own process alone: set QUEUE_DRIVER=redis, or the option "driver"';

/** An application that was started for a command. */
export interface StartedApplication extends Pick<ApplicationTools, 'queue' | 'options'> {
  close(): Promise<void>;
}

/**
 * Starts an application without HTTP and without its worker. It logs its errors alone.
 *
 * @param module the file of its module, and the name of the class behind `#`
 * @throws CommandError; what stops its start
 */
export async function startApplication(
  module: string,
  writeError: (text: string) => void,
): Promise<StartedApplication> {
  // Before the module loads: a main file starts the application, and its worker, while it loads.
  startWorkersManually();
  const loaded = await loadModule(findModule(process.cwd(), module));
  const application = await bootApplication(loaded, new StderrLogger(true, writeError));
  const { options } = application;
  if (options.driver !== 'array') return { queue: application.queue, options, close: () => application.close() };
  await application.close();
  throw new CommandError(ARRAY_DRIVER, EXIT.usage);
}

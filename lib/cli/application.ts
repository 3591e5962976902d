import { relative } from 'node:path';
import type { INestApplicationContext, LoggerService } from '@nestjs/common';
import type { ResolvedQueueOptions, Worker } from '../index.js';
import { startWorkersManually } from '../support/manual-worker.js';
import { loadPackages } from './application-packages.js';
import { CommandError } from './command-error.js';
import type { LoadedModule } from './module-loader.js';

/** The application, booted without HTTP, and what the command needs of it. */
export interface Application {
  /** The name of its module's class. */
  readonly name: string;
  readonly worker: Worker;
  /** The options of its queue module. */
  readonly options: ResolvedQueueOptions;
  close(): Promise<void>;
}

/**
 * Boots the application; its worker does not start of itself.
 *
 * @throws CommandError where it has no queue; otherwise whatever stops its bootstrap
 */
export async function bootApplication({ module, path }: LoadedModule, logger: LoggerService): Promise<Application> {
  startWorkersManually();
  const { nest, library } = await loadPackages(path);
  const context = await nest.NestFactory.createApplicationContext(module, { logger, abortOnError: false });
  try {
    return {
      name: module.name,
      worker: context.get(library.Worker, { strict: false }),
      options: context.get<ResolvedQueueOptions>(library.RESOLVED_QUEUE_OPTIONS, { strict: false }),
      close: () => context.close(),
    };
  } catch (cause) {
    await closeQuietly(context);
    throw new CommandError(
      `${module.name} (${relative(process.cwd(), path)}) has no queue: add QueueModule.forRoot() to its imports, or name another module with --module`,
      undefined,
      { cause },
    );
  }
}

/** What goes wrong in closing is not what the user has to hear of. */
async function closeQuietly(context: INestApplicationContext): Promise<void> {
  await context.close().catch(() => undefined);
}

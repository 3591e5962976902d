import { relative } from 'node:path';
import type { INestApplicationContext, LoggerService } from '@nestjs/common';
import type { QueueDriver, ResolvedQueueOptions, Worker } from '../index.js';
import { startWorkersManually } from '../support/manual-worker.js';
import { loadPackages } from './application-packages.js';
import { CommandError } from './command-error.js';
import type { LoadedModule } from './module-loader.js';

/** The application, booted without HTTP, with the parts that the command needs. */
export interface Application {
  /** The class name of its module. */
  readonly name: string;
  readonly worker: Worker;
  /** The options of its queue module. */
  readonly options: ResolvedQueueOptions;
  /** The server of its driver, for example `redis 127.0.0.1:6379/0`; `undefined` if the driver does not name it. */
  readonly server: string | undefined;
  /** The queues that its job classes name, sorted. */
  readonly jobQueues: readonly string[];
  close(): Promise<void>;
}

/** A driver that may name its server. A driver of the application's own need not. */
type AddressedDriver = QueueDriver & { readonly address?: string };

/**
 * Boots the application, and keeps its worker from starting by itself.
 *
 * @throws CommandError if the application has no queue; otherwise the error that stopped its bootstrap
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
      server: context.get<AddressedDriver>(library.QUEUE_DRIVER, { strict: false }).address,
      jobQueues: context.get(library.JobRegistry, { strict: false }).queues(),
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

/** Closes the context and ignores an error of it: the user has to see the reason of the command's failure instead. */
async function closeQuietly(context: INestApplicationContext): Promise<void> {
  await context.close().catch(() => undefined);
}

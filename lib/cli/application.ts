import type { INestApplicationContext, LoggerService } from '@nestjs/common';
import type { JobRegistry, QueueDriver, QueueHealth, QueueManager, ResolvedQueueOptions, Worker } from '../index.js';
import {
  JOB_REGISTRY,
  QUEUE_DRIVER,
  QUEUE_HEALTH,
  QUEUE_MANAGER,
  RESOLVED_QUEUE_OPTIONS,
  WORKER,
} from '../queue.tokens.js';
import { type NestCopy, toldNestCopy } from '../support/nest-copy.js';
import { explainBootFailure, noQueueError } from './boot-failure.js';
import type { LoadedModule } from './module-loader.js';

/** The application, booted without HTTP, with the parts that the command needs. */
export interface Application {
  /** The class name of its module. */
  readonly name: string;
  readonly worker: Worker;
  readonly queue: QueueManager;
  readonly health: QueueHealth;
  /** The options of its queue module. */
  readonly options: ResolvedQueueOptions;
  /** The server of its driver, for example `redis 127.0.0.1:6379/0`; `undefined` if the driver does not name it. */
  readonly server: string | undefined;
  /** The queues that its job classes name, sorted. */
  readonly jobQueues: readonly string[];
  /** Whether any global guard, pipe, interceptor or filter is there. */
  readonly hasGlobalEnhancers: boolean;
  close(): Promise<void>;
}

/** A driver that may name its server. A driver of the application's own need not. */
type AddressedDriver = QueueDriver & { readonly address?: string };

/**
 * Boots the application, with its own copy of Nest. Finds the parts of the queue by registered symbols, which all copies of
 * this library share.
 *
 * @throws CommandError if the application has no queue; otherwise the error that stopped its bootstrap
 */
export async function bootApplication(loaded: LoadedModule, logger: LoggerService): Promise<Application> {
  // An application without this library has told no copy. It has no queue, as its start is going to show.
  const nest = toldNestCopy() ?? (await import('@nestjs/core'));
  const context = await create(nest, loaded, logger);
  try {
    return {
      name: loaded.module.name,
      worker: context.get<Worker>(WORKER, { strict: false }),
      get queue() {
        return context.get<QueueManager>(QUEUE_MANAGER, { strict: false });
      },
      health: context.get<QueueHealth>(QUEUE_HEALTH, { strict: false }),
      options: context.get<ResolvedQueueOptions>(RESOLVED_QUEUE_OPTIONS, { strict: false }),
      server: context.get<AddressedDriver>(QUEUE_DRIVER, { strict: false }).address,
      jobQueues: context.get<JobRegistry>(JOB_REGISTRY, { strict: false }).queues(),
      hasGlobalEnhancers: hasGlobalEnhancers(nest, context),
      close: () => context.close(),
    };
  } catch (cause) {
    await closeQuietly(context);
    throw noQueueError(loaded, cause);
  }
}

async function create(
  { NestFactory }: NestCopy,
  loaded: LoadedModule,
  logger: LoggerService,
): Promise<INestApplicationContext> {
  try {
    return await NestFactory.createApplicationContext(loaded.module, { logger, abortOnError: false });
  } catch (error) {
    throw explainBootFailure(error, loaded);
  }
}

function hasGlobalEnhancers({ ApplicationConfig }: NestCopy, context: INestApplicationContext): boolean {
  const config = context.get(ApplicationConfig, { strict: false });
  const all = [
    config.getGlobalGuards(),
    config.getGlobalRequestGuards(),
    config.getGlobalInterceptors(),
    config.getGlobalRequestInterceptors(),
    config.getGlobalPipes(),
    config.getGlobalRequestPipes(),
    config.getGlobalFilters(),
    config.getGlobalRequestFilters(),
  ];
  return all.some((enhancers) => enhancers.length > 0);
}

/** Closes the context and ignores an error of it: the user has to see the reason of the command's failure instead. */
async function closeQuietly(context: INestApplicationContext): Promise<void> {
  await context.close().catch(() => undefined);
}

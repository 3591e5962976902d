import type { QueueModuleOptions } from '../../index.js';
import { EXIT, CommandError } from '../command-error.js';
import type { QueueTools } from './queue-tools.js';

/** Where the queues are, as the command line says; the environment says the rest. */
export interface QueuePlace {
  readonly url?: string;
  readonly prefix?: string;
}

/** The parts of a connection. */
export interface QueueConnection extends Omit<QueueTools, 'out' | 'io'> {
  close(): Promise<void>;
}

const ARRAY_DRIVER =
  'QUEUE_DRIVER is "array": such queues live in the process of their application alone. Name a Redis with --url, or set QUEUE_DRIVER=redis';

/**
 * Connects to the queues of a Redis, without an application: no class of it is known here, and no worker starts.
 *
 * @throws CommandError, QueueError
 */
export async function connectQueues({ url, prefix }: QueuePlace): Promise<QueueConnection> {
  if (url === undefined && process.env['QUEUE_DRIVER'] === 'array') throw new CommandError(ARRAY_DRIVER, EXIT.usage);
  // Loaded late: help and wrong usage need none of it.
  const [{ NestFactory }, library, { QUEUE_DRIVER, RESOLVED_QUEUE_OPTIONS }] = await Promise.all([
    import('@nestjs/core'),
    import('../../index.js'),
    import('../../queue.tokens.js'),
  ]);
  const options: QueueModuleOptions = {
    driver: 'redis',
    worker: false,
    logger: false,
    // The applications say how many there are; here their names do.
    queues: { '*': { partitions: 'stored' } },
    redis: { whenAway: 'fail', ...(url !== undefined && { url }) },
    ...(prefix !== undefined && { prefix }),
  };
  const module = library.QueueModule.forRoot(options);
  const context = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  return {
    admin: context.get(library.QueueAdmin),
    queue: context.get(library.QueueManager),
    health: context.get(library.QueueHealth),
    schedules: context.get(library.QueueSchedules),
    driver: context.get(QUEUE_DRIVER),
    options: context.get(RESOLVED_QUEUE_OPTIONS),
    close: () => context.close(),
  };
}

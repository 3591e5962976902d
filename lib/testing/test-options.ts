import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import { resolveOptions } from '../options/options.resolver.js';
import { QueueFactory } from '../queue.factory.js';
import type { QueueModuleOptions, ResolvedQueueOptions } from '../queue.options.js';
import type { Clock } from '../support/clock.js';
import { PushRecorder } from './push-recorder.js';

/**
 * Resolves the options of a queue under test: jobs are in memory, no worker starts by itself, every queue is worked, and pauses are not
 * spread at random.
 *
 * @param given the options of the application
 * @param own the options of the test, which beat them
 */
export function resolveTestOptions(
  given: QueueModuleOptions = {},
  own: QueueModuleOptions = {},
  env: Readonly<Record<string, string | undefined>> = {},
): ResolvedQueueOptions {
  const worker = { ...given.worker, ...own.worker };
  // Pools have slots of their own; here each queue gets those of the worker.
  return resolveOptions(
    {
      ...given,
      ...own,
      driver: 'array',
      redis: {},
      jobs: { ...given.jobs, retryJitter: 0, ...own.jobs },
      worker: { ...worker, enabled: false, queues: '*' },
    },
    env,
  );
}

/** Makes the driver of a queue under test, with its recorder. */
export function createTestDriver(options: ResolvedQueueOptions, clock: Clock): QueueDriver {
  const recorder = new PushRecorder();
  const driver = new QueueFactory(clock, recorder.add).createDriver(options);
  return driver.name === 'array' ? recorder.watch(driver) : driver;
}

import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { JobExplorer } from './discovery/job.explorer.js';
import type { QueueDriver } from './drivers/queue-driver.interface.js';
import { QueueManager } from './dispatch/queue.manager.js';
import { assertOneConfiguration } from './options/one-configuration.js';
import type { ResolvedQueueOptions } from './queue.options.js';
import { QUEUE_MODULE_OPTIONS } from './queue.module-definition.js';
import { QUEUE_DRIVER, RESOLVED_QUEUE_OPTIONS } from './queue.tokens.js';

/**
 * Opens the queue when the application starts, and closes it when the application stops. The order matters:
 *
 *     options checked -> jobs found -> driver connected -> (application starts) -> worker starts
 *     worker drained -> servers closed -> popped jobs requeued -> driver closed
 *
 * Finds the jobs before it connects the driver, so that a wrong job class leaves no connection open. Its module is
 * global: Nest initializes it before the modules that push jobs in their own `onModuleInit`, and shuts it down after
 * them. A worker with `drainOn: 'onModuleDestroy'` has to stop earlier: see `QueueDrainModule`.
 */
@Injectable()
export class QueueLifecycle implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly modules: ModulesContainer,
    private readonly explorer: JobExplorer,
    private readonly manager: QueueManager,
    @Inject(QUEUE_DRIVER) private readonly driver: QueueDriver,
    @Inject(RESOLVED_QUEUE_OPTIONS) private readonly options: ResolvedQueueOptions,
  ) {}

  /**
   * Checks the options, finds the jobs and connects the driver.
   *
   * @throws QueueError if the options, a job class or the connection is wrong; leaves no connection open
   */
  async onModuleInit(): Promise<void> {
    try {
      assertOneConfiguration(this.modules, QUEUE_MODULE_OPTIONS, this.options);
      this.explorer.explore();
      await this.driver.connect();
    } catch (error) {
      await this.driver.close();
      throw error;
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.manager.close();
    await this.driver.close();
  }
}

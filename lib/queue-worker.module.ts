import { Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { QueueHooks } from './queue.hooks.js';
import { QueueLifecycle } from './queue.lifecycle.js';

/** Nest calls the hooks of modules in the order of their distance: the root module has 0, a global module has infinity. */
const NEARER_THAN_ROOT = -1;

/**
 * Starts the worker after the bootstrap hooks of all other modules, so that no job runs in an application that is not
 * ready. Drains the worker before Nest destroys any other module, with `drainOn: 'onModuleDestroy'`.
 *
 * The module of the worker is global, so Nest calls its hooks first at the start and last at the stop. This module is not
 * global, and sets its distance below that of the root module; Nest sorts the modules after it has made all of them.
 */
@Module({ providers: [QueueHooks] })
export class QueueWorkerModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    modules: ModulesContainer,
    private readonly lifecycle: QueueLifecycle,
    hooks: QueueHooks,
  ) {
    for (const module of modules.values()) {
      if (module.metatype !== QueueWorkerModule) continue;
      // Nest sets the distance of all modules of an application before it makes them, and none of a lazy module.
      if (module.distance === 0) hooks.ofLazyModule();
      else hooks.ofApplication();
      module.distance = NEARER_THAN_ROOT;
    }
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.lifecycle.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.lifecycle.beforeDestroy();
  }
}

import { Module, type OnModuleDestroy } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { Worker } from './worker/worker.js';

/** Nest destroys modules in the order of their distance: the root module has 0, a global module has infinity. */
const NEARER_THAN_ROOT = -1;

/**
 * Drains the worker before Nest destroys any other module, with `drainOn: 'onModuleDestroy'`. The module of the worker is
 * global, so Nest destroys it last, after the databases that running jobs need have closed. This module is not global,
 * and sets its distance below that of the root module; Nest sorts the modules after it has made all of them.
 */
@Module({})
export class QueueDrainModule implements OnModuleDestroy {
  constructor(
    modules: ModulesContainer,
    private readonly worker: Worker,
  ) {
    for (const module of modules.values()) {
      if (module.metatype === QueueDrainModule) module.distance = NEARER_THAN_ROOT;
    }
  }

  async onModuleDestroy(): Promise<void> {
    await this.worker.onModuleDestroy();
  }
}

import { Module, type OnModuleDestroy } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { Worker } from './worker/worker.js';

/** Nest destroys modules in the order of their distance from the root module, which has 0; that of global ones is infinite. */
const NEARER_THAN_ROOT = -1;

/**
 * Lets the worker drain before any other module is destroyed, with `drainOn: 'onModuleDestroy'`. The worker itself cannot
 * see to that: its module is global, and so destroyed last, when the databases that its jobs need have closed. This one
 * is not, and stands in front of all others; Nest sorts them only after it has made them.
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

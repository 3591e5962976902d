import { Module, type OnModuleInit } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { removePlaceholders } from './enhancers/enhancer-placeholders.js';
import { MissingQueueError } from '../queue.errors.js';
import { importersOf } from './feature-jobs.js';
import { JobRegistry } from './job.registry.js';

/**
 * Holds the job classes of one `QueueModule.forFeature()`.
 *
 * Nest makes the providers of a module before its guards and other enhancers, so that the constructor can still remove the
 * placeholders of enhancers.
 *
 * It also moves the module to the distance of the module that imports it. Nest calls the hooks of a module farther from the
 * root first: a handler of this module would be initialized before the services that it uses, and destroyed after them.
 */
@Module({})
export class QueueFeatureModule implements OnModuleInit {
  constructor(private readonly modules: ModulesContainer) {
    for (const feature of modules.values()) {
      if (feature.metatype !== QueueFeatureModule) continue;
      removePlaceholders(feature);
      const importer = importersOf(feature, modules.values())[0];
      // Global modules come first, and before them nobody has found the job classes.
      if (importer && !importer.isGlobal) feature.distance = importer.distance;
    }
  }

  /** @throws MissingQueueError if nothing would register the job classes, nor run them */
  onModuleInit(): void {
    if ([...this.modules.values()].some(({ providers }) => providers.has(JobRegistry))) return;
    throw new MissingQueueError();
  }
}

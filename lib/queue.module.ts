import { Global, Module, type DynamicModule } from '@nestjs/common';
import { featureProviders } from './discovery/feature-jobs.js';
import { QueueFeatureModule } from './discovery/queue-feature.module.js';
import type { JobClass } from './job/job.interface.js';
import { QueueCoreModule } from './queue-core.module.js';
import { QueueWorkerModule } from './queue-worker.module.js';
import { type ASYNC_OPTIONS_TYPE, ConfigurableModuleClass } from './queue.module-definition.js';
import type { QueueModuleOptions } from './queue.options.js';

/**
 * Adds the job queue to an application. The module is global: import it once, in the root module, with {@link forRoot}
 * or {@link forRootAsync}. Another import is allowed if its options are the same.
 */
@Global()
@Module({ imports: [QueueCoreModule, QueueWorkerModule], exports: [QueueCoreModule] })
export class QueueModule extends ConfigurableModuleClass {
  /**
   * Configures the queue. Options that are not given come from the environment, then from the defaults.
   *
   * A wrong option stops the start of the application with an `InvalidOptionError`.
   */
  static override forRoot(options: QueueModuleOptions = {}): DynamicModule {
    return super.forRoot(options);
  }

  /** Configures the queue with options from `useFactory`, or from a {@link QueueOptionsFactory} (`useClass`, `useExisting`). */
  static override forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    return super.forRootAsync(options);
  }

  /**
   * Registers job classes whose instances carry their data (they are no providers). Nest injects their properties from
   * the module that imports this one.
   *
   * May list handlers too, in place of `providers`. They may lack their dependencies in an application that only pushes their
   * jobs. An application that has the dependencies makes a handler when it starts, and Nest calls its lifecycle hooks.
   */
  static forFeature(jobClasses: readonly JobClass[]): DynamicModule {
    return { module: QueueFeatureModule, providers: featureProviders(jobClasses) };
  }
}

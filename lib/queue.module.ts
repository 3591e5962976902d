import { Global, Module, type DynamicModule } from '@nestjs/common';
import { FEATURE_JOBS, type FeatureJobs } from './discovery/feature-jobs.js';
import type { JobClass } from './job/job.interface.js';
import { QueueCoreModule } from './queue-core.module.js';
import { QueueDrainModule } from './queue-drain.module.js';
import { type ASYNC_OPTIONS_TYPE, ConfigurableModuleClass } from './queue.module-definition.js';
import type { QueueModuleOptions } from './queue.options.js';

/** Holds what one `QueueModule.forFeature()` names. */
@Module({})
class QueueFeatureModule {}

/**
 * The queue of an application. It is global: import it once, in the root module, with {@link forRoot} or
 * {@link forRootAsync}. Importing it again is harmless, as long as the options are the same.
 */
@Global()
@Module({ imports: [QueueCoreModule, QueueDrainModule], exports: [QueueCoreModule] })
export class QueueModule extends ConfigurableModuleClass {
  /**
   * Sets the queue up; what is not given comes from the environment, then from the defaults.
   *
   * A bad option stops the start of the application with an `InvalidOptionError`.
   */
  static override forRoot(options: QueueModuleOptions = {}): DynamicModule {
    return super.forRoot(options);
  }

  /** The same, with options that `useFactory`, `useClass` or `useExisting` ({@link QueueOptionsFactory}) makes. */
  static override forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    return super.forRootAsync(options);
  }

  /**
   * Registers job classes that carry their data in themselves, and so are no providers. What is injected into their
   * properties comes from the module that imports this.
   *
   * Classes whose data is pushed beside them may be listed too, in place of `providers`: then nothing of them is made
   * until a job runs, which suits an application that only dispatches them.
   */
  static forFeature(jobClasses: readonly JobClass[]): DynamicModule {
    const jobs: FeatureJobs = { jobClasses };
    return { module: QueueFeatureModule, providers: [{ provide: FEATURE_JOBS, useValue: jobs }] };
  }
}

import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { QueueModuleOptions } from './queue.options.js';

/** What makes the module's options for `forRootAsync({ useClass })` and `({ useExisting })`. */
export interface QueueOptionsFactory {
  createQueueOptions(): QueueModuleOptions | Promise<QueueModuleOptions>;
}

/** The options of one `forRoot()` or `forRootAsync()`, as they were given. */
export const QUEUE_MODULE_OPTIONS = Symbol.for('nestjs-job-queue:QueueModuleOptions');

export const { ConfigurableModuleClass, ASYNC_OPTIONS_TYPE } = new ConfigurableModuleBuilder<QueueModuleOptions>({
  optionsInjectionToken: QUEUE_MODULE_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createQueueOptions')
  .setExtras({}, (definition) => ({ ...definition, exports: [QUEUE_MODULE_OPTIONS] }))
  .build();

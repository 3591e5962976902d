import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { QueueModuleOptions } from './queue.options.js';
import { QUEUE_MODULE_OPTIONS } from './queue.tokens.js';

/** Makes the options of the module, for `forRootAsync({ useClass })` and `forRootAsync({ useExisting })`. */
export interface QueueOptionsFactory {
  createQueueOptions(): QueueModuleOptions | Promise<QueueModuleOptions>;
}

export const { ConfigurableModuleClass, ASYNC_OPTIONS_TYPE } = new ConfigurableModuleBuilder<QueueModuleOptions>({
  optionsInjectionToken: QUEUE_MODULE_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createQueueOptions')
  .setExtras({}, (definition) => ({ ...definition, exports: [QUEUE_MODULE_OPTIONS] }))
  .build();

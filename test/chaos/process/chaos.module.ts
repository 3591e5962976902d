import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { QueueModule, type QueueDriver, type QueueModuleOptions } from '../../../lib/index.js';
import { QUEUE_DRIVER } from '../../../lib/queue.tokens.js';
import { tapDriver } from './driver-tap.js';
import { History } from './history.js';
import { JOBS } from './jobs.js';
import { useScriptTime } from './script-time.js';

/** The application of the processes: it works as one of a user would, and writes down what happens. */
@Module({})
export class ChaosModule implements OnApplicationShutdown {
  constructor(
    private readonly history: History,
    @Inject(QUEUE_DRIVER) driver: QueueDriver,
  ) {
    tapDriver(driver, history);
  }

  /** @param scriptTime Lua that sets `now` in the scripts, in place of the server's clock */
  static of(history: History, options: QueueModuleOptions, scriptTime?: string): DynamicModule {
    if (scriptTime !== undefined) useScriptTime(scriptTime);
    return {
      module: ChaosModule,
      imports: [QueueModule.forRoot(options)],
      providers: [{ provide: History, useValue: history }, ...JOBS],
    };
  }

  onApplicationShutdown(): void {
    this.history.write({ type: 'drained' });
  }
}

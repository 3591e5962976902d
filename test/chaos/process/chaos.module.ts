import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { QueueModule, type QueueDriver, type QueueModuleOptions } from '../../../lib/index.js';
import { QUEUE_DRIVER } from '../../../lib/queue.tokens.js';
import { recordPolls } from './poll-recorder.js';
import { History } from './history.js';
import { JOBS } from './jobs.js';
import { useScriptTime } from './script-time.js';

/** The application of the chaos processes. It runs jobs as a user's application does, and records events. */
@Module({})
export class ChaosModule implements OnApplicationShutdown {
  constructor(
    private readonly history: History,
    @Inject(QUEUE_DRIVER) driver: QueueDriver,
  ) {
    recordPolls(driver, history);
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

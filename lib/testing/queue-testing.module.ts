import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { CORE_EXPORTS, CORE_PROVIDERS } from '../queue-core.module.js';
import type { QueueModuleOptions } from '../queue.options.js';
import { CLOCK, QUEUE_DRIVER, RESOLVED_QUEUE_OPTIONS } from '../queue.tokens.js';
import { QueueWorkerModule } from '../queue-worker.module.js';
import { createTestDriver, resolveTestOptions } from './test-options.js';
import { VirtualClock } from './virtual-clock.js';

/** The providers of the library that a queue under test replaces. */
const REPLACED: ReadonlySet<unknown> = new Set([CLOCK, QUEUE_DRIVER, RESOLVED_QUEUE_OPTIONS]);

/** @internal */
@Module({})
class QueueTestingCoreModule {}

/**
 * Takes the place of `QueueModule.forRoot()` in the test of a module: the jobs are in memory, time stands still until the test lets it
 * pass, and no worker starts by itself. `fakeQueue(app)` tells what was pushed, and runs it.
 */
@Module({})
export class QueueTestingModule {
  /**
   * @param options as of `QueueModule.forRoot()`; `driver`, `redis`, `worker.enabled` and `worker.queues` do not count, `logger` is off
   *   unless it is given, and variables of the environment are not read
   * @throws InvalidOptionError
   */
  static forRoot(options: QueueModuleOptions = {}): DynamicModule {
    const resolved = resolveTestOptions({ logger: false, ...options });
    const own: Provider[] = [
      { provide: CLOCK, useFactory: () => new VirtualClock() },
      { provide: RESOLVED_QUEUE_OPTIONS, useValue: resolved },
      {
        provide: QUEUE_DRIVER,
        inject: [RESOLVED_QUEUE_OPTIONS, CLOCK],
        useFactory: createTestDriver,
      },
    ];
    const core: DynamicModule = {
      module: QueueTestingCoreModule,
      global: true,
      imports: [DiscoveryModule],
      providers: [...CORE_PROVIDERS.filter((each) => !REPLACED.has(tokenOf(each))), ...own],
      exports: CORE_EXPORTS,
    };
    return { module: QueueTestingModule, global: true, imports: [core, QueueWorkerModule], exports: [core] };
  }
}

function tokenOf(provider: Provider): unknown {
  return typeof provider === 'function' ? provider : provider.provide;
}

import type { QueueModuleOptions } from '../queue.options.js';
import { CLOCK, QUEUE_DRIVER, QUEUE_MODULE_OPTIONS, RESOLVED_QUEUE_OPTIONS } from '../queue.tokens.js';
import { createTestDriver, resolveTestOptions } from './test-options.js';
import { VirtualClock } from './virtual-clock.js';

/** The part of a `TestingModuleBuilder` of `@nestjs/testing` that {@link fakeQueueOptions} needs. */
export interface OverridingBuilder {
  overrideProvider(token: unknown): {
    useValue(value: unknown): unknown;
    useFactory(options: {
      // oxlint-disable-next-line typescript/no-explicit-any -- any parameters
      factory: (...args: any[]) => unknown;
      // oxlint-disable-next-line typescript/no-explicit-any -- any tokens
      inject?: any[];
    }): unknown;
  };
}

/**
 * Puts a queue under test in the place of the queue of an application module with a `QueueModule.forRoot()` of its own: jobs in memory,
 * virtual time, no worker that starts by itself. All other options of the application count, such as its middleware and its limits.
 *
 * @param builder what `Test.createTestingModule()` returns, before `compile()`
 * @param options beat those of the application
 * @returns the builder
 */
export function fakeQueueOptions<Builder extends OverridingBuilder>(
  builder: Builder,
  options: QueueModuleOptions = {},
): Builder {
  builder.overrideProvider(CLOCK).useValue(new VirtualClock());
  builder.overrideProvider(RESOLVED_QUEUE_OPTIONS).useFactory({
    inject: [{ token: QUEUE_MODULE_OPTIONS, optional: true }],
    factory: (given?: QueueModuleOptions) => resolveTestOptions(given, options, process.env),
  });
  builder.overrideProvider(QUEUE_DRIVER).useFactory({
    inject: [RESOLVED_QUEUE_OPTIONS, CLOCK],
    factory: createTestDriver,
  });
  return builder;
}

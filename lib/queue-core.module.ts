import {
  Global,
  Module,
  type FactoryProvider,
  type InjectionToken,
  type OptionalFactoryDependency,
  type Provider,
} from '@nestjs/common';
import { ApplicationConfig, DiscoveryModule, ModulesContainer, NestFactory } from '@nestjs/core';
import { QueueAdmin } from './admin/queue-admin.js';
import { JobExplorer } from './discovery/job.explorer.js';
import { JobRegistry, type JobSource } from './discovery/job.registry.js';
import { ModuleMiddleware } from './discovery/middleware/module-middleware.js';
import type { QueueDriver } from './drivers/queue-driver.interface.js';
import { pushMiddlewareStages } from './dispatch/push-middleware.js';
import { QueueManager } from './dispatch/queue.manager.js';
import { QueueHealth } from './health/queue-health.js';
import { QueueEvents } from './events/queue-events.js';
import { BatchDoor } from './flows/batch-door.js';
import { DISPATCH_STAGES } from './middleware/dispatch-stage.js';
import { EventListeners } from './listeners/event-listeners.js';
import { hasGivenOptions } from './options/one-configuration.js';
import { resolveOptions } from './options/options.resolver.js';
import { assertResolved } from './options/resolved-options.js';
import { QueueFactory } from './queue.factory.js';
import { QueueLifecycle } from './queue.lifecycle.js';
import type { QueueModuleOptions, ResolvedQueueOptions } from './queue.options.js';
import { RecoveryGate } from './recovery/recovery-gate.js';
import { QueueParts } from './queue.parts.js';
import {
  CLOCK,
  JOB_REGISTRY,
  QUEUE_DRIVER,
  QUEUE_HEALTH,
  QUEUE_LOGGER,
  QUEUE_MANAGER,
  QUEUE_MODULE_OPTIONS,
  RESOLVED_QUEUE_OPTIONS,
  WORKER,
} from './queue.tokens.js';
import { systemClock, type Clock } from './support/clock.js';
import { tellNestCopy } from './support/nest-copy.js';
import { createQueueLogger, type QueueLogger } from './support/queue-logger.js';
import { DeclaredSchedules } from './schedules/declared-schedules.js';
import { QueueSchedules } from './schedules/queue-schedules.js';
import { Worker } from './worker/worker.js';

tellNestCopy({ NestFactory, ApplicationConfig });

/** Optional: without a `forRoot()`, all options come from the environment and the defaults. */
const GIVEN_OPTIONS: OptionalFactoryDependency = { token: QUEUE_MODULE_OPTIONS, optional: true };

const optionsProvider: FactoryProvider<ResolvedQueueOptions> = {
  provide: RESOLVED_QUEUE_OPTIONS,
  inject: [ModulesContainer, GIVEN_OPTIONS],
  // The `useMocker()` of a test puts a mock where an optional provider is missing: it is no answer of a `forRoot()`.
  useFactory: (modules: ModulesContainer, given?: QueueModuleOptions) =>
    resolveOptions(hasGivenOptions(modules, QUEUE_MODULE_OPTIONS) ? given : undefined),
};

const loggerProvider: FactoryProvider<QueueLogger> = {
  provide: QUEUE_LOGGER,
  inject: [RESOLVED_QUEUE_OPTIONS],
  useFactory: ({ logger }: ResolvedQueueOptions) => createQueueLogger(logger, 'Queue'),
};

const factoryProvider: FactoryProvider<QueueFactory> = {
  provide: QueueFactory,
  inject: [CLOCK],
  useFactory: (clock: Clock) => new QueueFactory(clock),
};

const driverProvider: FactoryProvider<QueueDriver> = {
  provide: QUEUE_DRIVER,
  inject: [QueueFactory, RESOLVED_QUEUE_OPTIONS],
  useFactory: (factory: QueueFactory, options: ResolvedQueueOptions) => {
    assertResolved(options);
    return factory.createDriver(options);
  },
};

const schedulesProvider: FactoryProvider<QueueSchedules> = {
  provide: QueueSchedules,
  inject: [QUEUE_DRIVER, RESOLVED_QUEUE_OPTIONS, QueueManager],
  useFactory: (driver: QueueDriver, options: ResolvedQueueOptions, manager: QueueManager) =>
    new QueueSchedules(driver, options, () => manager.pipeline),
};

const declaredProvider: FactoryProvider<DeclaredSchedules> = {
  provide: DeclaredSchedules,
  inject: [QUEUE_DRIVER, QueueSchedules, JobRegistry, RESOLVED_QUEUE_OPTIONS, CLOCK, QUEUE_LOGGER],
  useFactory: (
    driver: QueueDriver,
    schedules: QueueSchedules,
    registry: JobRegistry,
    options: ResolvedQueueOptions,
    clock: Clock,
    logger: QueueLogger,
  ) => new DeclaredSchedules({ driver, schedules, registry, options, clock, logger }),
};

const NOT_YET: JobSource = { explore: () => false, report() {} };

/** The parts that an application has once. */
export const CORE_PROVIDERS: Provider[] = [
  optionsProvider,
  loggerProvider,
  factoryProvider,
  driverProvider,
  { provide: CLOCK, useValue: systemClock },
  RecoveryGate,
  // Nest makes the explorer later than some providers that push.
  { provide: JobRegistry, useFactory: () => new JobRegistry(NOT_YET) },
  ModuleMiddleware,
  JobExplorer,
  QueueEvents,
  BatchDoor,
  { provide: DISPATCH_STAGES, inject: [ModuleMiddleware], useFactory: pushMiddlewareStages },
  QueueManager,
  QueueAdmin,
  schedulesProvider,
  declaredProvider,
  EventListeners,
  Worker,
  QueueHealth,
  QueueParts,
  QueueLifecycle,
  { provide: WORKER, useExisting: Worker },
  { provide: JOB_REGISTRY, useExisting: JobRegistry },
  { provide: QUEUE_HEALTH, useExisting: QueueHealth },
  { provide: QUEUE_MANAGER, useExisting: QueueManager },
];

/** The parts that applications and other modules of the library may inject. */
export const CORE_EXPORTS: InjectionToken[] = [
  QueueManager,
  QueueAdmin,
  QueueSchedules,
  QueueEvents,
  QueueHealth,
  Worker,
  QueueFactory,
  JobRegistry,
  CLOCK,
  QUEUE_DRIVER,
  RESOLVED_QUEUE_OPTIONS,
  // For the module that starts the worker.
  JobExplorer,
  QueueLifecycle,
  QUEUE_LOGGER,
];

/**
 * Provides the parts that an application has once, even if it imports `QueueModule` several times: Nest makes a module
 * without parameters once. Its options come from the `forRoot()` module, which is global.
 */
@Global()
@Module({ imports: [DiscoveryModule], providers: CORE_PROVIDERS, exports: CORE_EXPORTS })
export class QueueCoreModule {}

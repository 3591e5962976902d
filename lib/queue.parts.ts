import { Inject, Injectable } from '@nestjs/common';
import { JobRegistry } from './discovery/job.registry.js';
import type { QueueDriver } from './drivers/queue-driver.interface.js';
import { QueueManager } from './dispatch/queue.manager.js';
import { QueueEvents } from './events/queue-events.js';
import { CLOCK, QUEUE_DRIVER } from './queue.tokens.js';
import type { Clock } from './support/clock.js';
import { Worker } from './worker/worker.js';

const DRIVER_METHODS = ['connect', 'close', 'push', 'consume', 'listen'] as const satisfies (keyof QueueDriver)[];

/**
 * The parts of the queue that the application starts and stops. A test may have replaced each of them by a stub with any
 * methods, or with none: `undefined` stands for such a part here, and nothing of it is started.
 */
@Injectable()
export class QueueParts {
  readonly manager: QueueManager | undefined;
  readonly worker: Worker | undefined;
  readonly events: QueueEvents | undefined;
  readonly driver: QueueDriver | undefined;
  /** The driver, or a stub in its place. A stub is connected and closed if it has these methods. */
  readonly storage: Partial<QueueDriver> | undefined;

  constructor(
    @Inject(QueueManager) manager: unknown,
    @Inject(Worker) worker: unknown,
    @Inject(QUEUE_DRIVER) driver: unknown,
    @Inject(CLOCK) private readonly clock: Partial<Clock> | null,
    @Inject(JobRegistry) private readonly registry: unknown,
    @Inject(QueueEvents) events: unknown,
  ) {
    this.events = events instanceof QueueEvents ? events : undefined;
    this.manager = manager instanceof QueueManager ? manager : undefined;
    this.driver = isDriver(driver) ? driver : undefined;
    this.storage = typeof driver === 'object' && driver !== null ? driver : undefined;
    this.worker = worker instanceof Worker ? worker : undefined;
  }

  /** True if no part is a stub: a worker without a whole driver, or without a clock or a registry, or beside a stub of the manager, cannot run. */
  get isWhole(): boolean {
    const { manager, worker, driver, clock } = this;
    const hasTime = typeof clock?.now === 'function' && typeof clock.after === 'function';
    return (
      hasTime && this.registry instanceof JobRegistry && [manager, worker, driver].every((part) => part !== undefined)
    );
  }
}

/** Returns true if the value is a whole driver. The methods of an automatic mock are no sign, but it has no name. */
function isDriver(value: unknown): value is QueueDriver {
  if (typeof value !== 'object' || value === null) return false;
  const driver = value as Partial<QueueDriver>;
  return typeof driver.name === 'string' && DRIVER_METHODS.every((method) => typeof driver[method] === 'function');
}

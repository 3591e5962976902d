import type { QueueModuleOptions } from 'nestjs-job-queue';
import { JobRegistry } from '../../../lib/discovery/job.registry.js';
import { ArrayDriver } from '../../../lib/drivers/array/array.driver.js';
import type { ClaimedJob, QueueDriver } from '../../../lib/drivers/queue-driver.interface.js';
import { QueueEvents } from '../../../lib/events/queue-events.js';
import type { DispatchStage } from '../../../lib/middleware/dispatch-stage.js';
import { Job } from '../../../lib/decorators/job.decorator.js';
import { QueueManager } from '../../../lib/dispatch/queue.manager.js';
import { resolveOptions } from '../../../lib/options/options.resolver.js';
import { InvalidJobError } from '../../../lib/queue.errors.js';
import { RecoveryGate } from '../../../lib/recovery/recovery-gate.js';
import { FakeClock } from '../../support/fake-clock.js';

export interface Email {
  to: string;
}

@Job()
export class EmailJob {
  handle(_email: Email): void {}
}

@Job()
export class BulkJob {
  handle(_data: unknown): void {}
}

@Job()
export class PictureJob {
  constructor(
    readonly path: string,
    readonly width = 640,
  ) {}
  handle(): void {}
}

@Job()
export class PosterJob extends PictureJob {}

/** A manager on an array driver whose time stands still, with the job classes of this file registered. */
export class ManagerScene {
  readonly clock = new FakeClock();
  readonly driver: QueueDriver;
  readonly manager: QueueManager;
  readonly messages: string[] = [];
  readonly events: QueueEvents;

  /**
   * @param wrap puts something between the manager and the driver
   * @param stages the stages of the dispatch pipeline
   */
  constructor(
    options: QueueModuleOptions = {},
    wrap = (driver: QueueDriver): QueueDriver => driver,
    stages?: readonly DispatchStage[],
  ) {
    const resolved = resolveOptions({ driver: 'array', ...options }, {});
    this.driver = new ArrayDriver({ statusTtl: resolved.statusTtl, clock: this.clock });
    const note = (message: string): void => void this.messages.push(message);
    const logger = { log: note, warn: note, error: note, debug: note };
    this.events = new QueueEvents(logger);
    const driver = wrap(this.driver);
    this.manager = new QueueManager(
      driver,
      resolved,
      fillRegistry(),
      this.clock,
      logger,
      this.events,
      new RecoveryGate(),
      stages,
    );
  }

  async close(): Promise<void> {
    await this.manager.close();
    await this.driver.close();
  }

  /** Takes what is ready in a queue as a worker would, and keeps it. */
  async claim(queue = 'default', limit = 10_000): Promise<readonly ClaimedJob[]> {
    const consumer = this.driver.consume(queue, { lease: 3600, onLost() {} });
    return (await consumer.poll({ settlements: [], limit, recovered: true })).jobs;
  }
}

function fillRegistry(): JobRegistry {
  const registry = new JobRegistry();
  const prepare = (): never => {
    throw new Error('A manager runs no jobs');
  };
  const dehydrate = (instance: object): Record<string, unknown> => ({ ...instance });
  for (const [jobClass, options] of [
    [EmailJob, { queue: 'emails', maxTries: 7 }],
    [BulkJob, {}],
  ] as const) {
    const refuse = (): never => {
      throw InvalidJobError.takesItsData(jobClass.name);
    };
    const takes = { takesData: true, dehydrate: refuse };
    registry.register({ name: jobClass.name, jobClass, options, prepare, ...takes }, jobClass.name);
  }
  for (const [jobClass, options] of [
    [PictureJob, {}],
    [PosterJob, { queue: 'posters' }],
  ] as const) {
    registry.register({ name: jobClass.name, jobClass, options, prepare, dehydrate, takesData: false }, jobClass.name);
  }
  return registry;
}

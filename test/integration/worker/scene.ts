import { afterEach, beforeEach } from '@jest/globals';
import { JobRegistry } from '../../../lib/discovery/job.registry.js';
import type { QueueEvents } from '../../../lib/events/queue-events.js';
import type { QueueDriver, StoredStatus } from '../../../lib/drivers/queue-driver.interface.js';
import { resolveOptions } from '../../../lib/options/options.resolver.js';
import type { QueueModuleOptions } from '../../../lib/queue.options.js';
import type { RecoveryGate } from '../../../lib/recovery/recovery-gate.js';
import type { Clock } from '../../../lib/support/clock.js';
import { Worker } from '../../../lib/worker/worker.js';
import { newJob, testJob, type NewJobWishes, type TestJob } from '../../support/jobs.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import type { Stage } from './stage.js';

export interface TestWorkerOptions extends Pick<QueueModuleOptions, 'worker' | 'jobs' | 'stats'> {
  /** Wraps the driver of the worker, so that a test can watch or hold up its polls. */
  readonly wrap?: (driver: QueueDriver) => QueueDriver;
  /** The clock of the worker, if it is not the clock of the storage. */
  readonly clock?: Clock;
  /** The recovery gate of the process, if the worker shares it. */
  readonly gate?: RecoveryGate;
  readonly events?: QueueEvents;
}

/** The default queue. */
export const QUEUE = 'default';

/** Makes a storage, a registry and workers for each test of a group, and stops them after it. */
export class WorkerScene<S extends Stage = Stage> {
  readonly logger = new RecordingLogger();
  private registry = new JobRegistry();
  private readonly workers: Worker[] = [];
  private first: QueueDriver | undefined;

  constructor(readonly stage: S) {
    beforeEach(async () => {
      stage.prepare();
      this.logger.clear();
      this.registry = new JobRegistry();
      this.first = await stage.open();
    });
    afterEach(async () => {
      try {
        await Promise.all(this.workers.splice(0).map((worker) => worker.stop({ timeout: 0 })));
      } finally {
        await stage.close();
      }
    });
  }

  /** The driver that pushes jobs and reads their statuses. */
  get driver(): QueueDriver {
    return this.first!;
  }

  /** Adds job classes, by name. */
  define(jobs: Readonly<Record<string, TestJob>>): void {
    for (const [name, job] of Object.entries(jobs)) this.registry.register(testJob(name, job), name);
  }

  /** Makes a worker with a driver of its own, as in a process of its own. It is stopped after the test. */
  async worker({
    wrap = (driver) => driver,
    clock = this.stage.clock,
    gate,
    events,
    worker,
    jobs,
    stats,
  }: TestWorkerOptions = {}): Promise<Worker> {
    const options = resolveOptions({ driver: 'array', worker, stats, jobs: { retryJitter: 0, ...jobs } }, {});
    const driver = wrap(await this.stage.open());
    const made = new Worker(driver, options, this.registry, clock, this.logger, events, gate);
    this.workers.push(made);
    return made;
  }

  async push(
    name: string,
    data?: unknown,
    { queue = QUEUE, ...wishes }: NewJobWishes & { queue?: string } = {},
  ): Promise<string> {
    const job = newJob(name, data, wishes);
    await this.driver.push(queue, [job], false);
    return job.id;
  }

  /** Pushes jobs with the data 1, 2, 3 ... */
  async pushMany(count: number, name: string, queue = QUEUE): Promise<string[]> {
    const jobs = Array.from({ length: count }, (_, index) => newJob(name, index + 1));
    for (let at = 0; at < count; at += 500) await this.driver.push(queue, jobs.slice(at, at + 500), false);
    return jobs.map(({ id }) => id);
  }

  async status(id: string): Promise<StoredStatus | null> {
    return this.driver.getStatus(id);
  }
}

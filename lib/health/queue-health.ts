import { Inject, Injectable } from '@nestjs/common';
import { QueueAdmin } from '../admin/queue-admin.js';
import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import { QueueConnectionError, QueueError } from '../queue.errors.js';
import { CLOCK, QUEUE_DRIVER } from '../queue.tokens.js';
import type { Clock } from '../support/clock.js';
import { withTimeLimit } from '../support/deadline.js';
import { errorMessage, toError } from '../support/error-text.js';
import { each } from '../support/slices.js';
import { Worker } from '../worker/worker.js';
import { readHealthOptions, type HealthCheckOptions, type HealthLimits } from './health-options.js';
import { findFaults, type QueueHealthDetails, type QueueHealthResult, type QueueHealthState } from './health-result.js';

/** For how long the loop of a worker may wait for a storage that serves, in milliseconds; see `isAlive`. */
const LONGEST_SILENCE = 30_000;
/** The most queues that are read at the same time. */
const AT_ONCE = 16;

/**
 * Tells probes how the queue is:
 *
 * - {@link isAlive}: whether this process has to be started again (liveness);
 * - {@link check}: whether the storage answers, and whether the queues keep up (readiness, alerts).
 */
@Injectable()
export class QueueHealth {
  constructor(
    @Inject(QUEUE_DRIVER) private readonly driver: QueueDriver,
    @Inject(QueueAdmin) private readonly admin: QueueAdmin,
    @Inject(Worker) private readonly worker: Worker,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Returns whether the loop of this process's worker turns. False if it has waited for half a minute for a storage that serves
   * others: a new process may do better. A storage that is away, a pause, jobs that take long and a worker that does not run leave
   * it true: a new process would change nothing. It sends no command, and never throws.
   */
  isAlive(): boolean {
    return !(this.worker.silence > LONGEST_SILENCE) || this.driver.isAway === true;
  }

  /**
   * Checks whether the storage answers, and, if `options` say so, whether the queues keep up. Never rejects: what it cannot find out
   * in time, and a wrong option, is `down`.
   *
   * @param key the key of the result, for terminus
   * @param options the limits. Default: none, so that only the storage is asked
   */
  async check<Key extends string>(key: Key, options: HealthCheckOptions = {}): Promise<QueueHealthResult<Key>> {
    return { [key]: await this.state(options) } as QueueHealthResult<Key>;
  }

  private async state(options: HealthCheckOptions): Promise<QueueHealthState> {
    try {
      const limits = readHealthOptions(options);
      return await withTimeLimit(this.look(limits), this.clock, limits.timeout, () => late(limits));
    } catch (thrown) {
      const error = toError(thrown);
      return { status: 'down', message: errorMessage(error), ...(error instanceof QueueError && { code: error.code }) };
    }
  }

  private async look(limits: HealthLimits): Promise<QueueHealthState> {
    await this.driver.ping(limits.timeout);
    const names = limits.queues ?? (wantsQueues(limits) ? await this.driver.queues() : []);
    if (names.length === 0 && limits.minWorkers === 0) return { status: 'up' };
    const [infos, workers] = await Promise.all([
      each(names, AT_ONCE, (name) => this.admin.queue(name)),
      this.admin.workers(),
    ]);
    const faults: string[] = [];
    if (!limits.queues && workers.length < limits.minWorkers) {
      faults.push(`${workers.length} workers run, fewer than ${limits.minWorkers}`);
    }
    const details: Record<string, QueueHealthDetails> = {};
    for (const info of infos) {
      const { name, counts, oldestReadyAge, paused } = info;
      const working = workers.filter(({ queues }) => queues.includes(name)).length;
      details[name] = { ready: counts.ready + counts.blocked, oldestReadyAge, workers: working, paused };
      faults.push(...findFaults(info, working, limits));
    }
    const queues = infos.length > 0 && { queues: details };
    return faults.length > 0 ? { status: 'down', message: faults.join('; '), ...queues } : { status: 'up', ...queues };
  }
}

/** Whether the limits are about queues. */
function wantsQueues({ maxReady, maxAge }: HealthLimits): boolean {
  return maxReady < Infinity || maxAge < Infinity;
}

function late({ timeout }: HealthLimits): Error {
  return new QueueConnectionError(`The queue did not answer within ${timeout / 1000} s`);
}

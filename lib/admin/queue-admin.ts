import { Inject, Injectable } from '@nestjs/common';
import type { CancelAllOptions } from '../cancellation/cancel-all-options.js';
import { JobCancellation } from '../cancellation/job-cancellation.js';
import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import { QueueEvents } from '../events/queue-events.js';
import { assertQueueName } from '../job/queue-name.js';
import { CLOCK, QUEUE_DRIVER } from '../queue.tokens.js';
import type { QueueStatistics, StatisticsOptions } from '../stats/queue-statistics.js';
import { StatisticsReader } from '../stats/statistics-reader.js';
import type { Clock } from '../support/clock.js';
import { readPause, type PauseOptions } from './pause-options.js';

/**
 * Gives an operator access to the queues:
 *
 * - reads statistics: {@link stats};
 * - pauses queues: {@link pause}, {@link resume};
 * - cancels jobs: {@link cancelAll}.
 *
 * Everything is checked before anything is changed. All methods reject with a `QueueError`.
 */
@Injectable()
export class QueueAdmin {
  private readonly statistics: StatisticsReader;

  private readonly cancellation: JobCancellation;

  constructor(
    @Inject(QUEUE_DRIVER) private readonly driver: QueueDriver,
    @Inject(QueueEvents) events: QueueEvents,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.statistics = new StatisticsReader(driver);
    this.cancellation = new JobCancellation(driver, events, clock);
  }

  /**
   * Reads statistics: how many jobs were completed, failed and retried, and how long they ran and waited.
   *
   * @param queue default: all queues together
   * @throws InvalidQueueNameError, InvalidOptionError, QueueConnectionError
   */
  async stats(queue?: string, options: StatisticsOptions = {}): Promise<QueueStatistics> {
    return this.statistics.read(queue, options);
  }

  /**
   * Pauses a queue for all processes: no job of it starts any more. Jobs that run go on, and pushes are stored. A second call
   * replaces the first one. Resolves when all workers of the queue obey, or after a second; a worker that is cut off obeys at the
   * latest when its lease ends.
   *
   * @param options `for`: how long. Default: until {@link resume}
   * @throws InvalidQueueNameError, InvalidOptionError, QueueConnectionError
   */
  async pause(queue: string, options: PauseOptions = {}): Promise<void> {
    assertQueueName(queue);
    await this.driver.pauses.pause(queue, readPause(options));
  }

  /**
   * Ends the pause of a queue. Does nothing if the queue is not paused.
   *
   * @throws InvalidQueueNameError, QueueConnectionError
   */
  async resume(queue: string): Promise<void> {
    assertQueueName(queue);
    await this.driver.pauses.resume(queue);
  }

  /**
   * Cancels all jobs of a queue that were pushed before this call, in whatever place they are, as `QueueManager.cancel` does one:
   * those that wait end at once, those that a worker has are told by their signals. It works in small steps, so that it holds up
   * nobody: if it rejects, some jobs may be cancelled, and a second call goes on with the others.
   *
   * @param options `name`, `tag`: only jobs of this name, with this tag. Default: all
   * @returns how many were cancelled; a job that was cancelled before does not count
   * @throws InvalidQueueNameError, InvalidOptionError, QueueConnectionError
   */
  async cancelAll(queue: string, options: CancelAllOptions = {}): Promise<number> {
    return this.cancellation.cancelAll(queue, options);
  }
}

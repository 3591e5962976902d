import { Inject, Injectable } from '@nestjs/common';
import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import { assertQueueName } from '../job/queue-name.js';
import { QUEUE_DRIVER } from '../queue.tokens.js';
import type { QueueStatistics, StatisticsOptions } from '../stats/queue-statistics.js';
import { StatisticsReader } from '../stats/statistics-reader.js';
import { readPause, type PauseOptions } from './pause-options.js';

/**
 * Gives an operator access to the queues:
 *
 * - reads statistics: {@link stats};
 * - pauses queues: {@link pause}, {@link resume}.
 *
 * Everything is checked before anything is changed. All methods reject with a `QueueError`.
 */
@Injectable()
export class QueueAdmin {
  private readonly statistics: StatisticsReader;

  constructor(@Inject(QUEUE_DRIVER) private readonly driver: QueueDriver) {
    this.statistics = new StatisticsReader(driver);
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
}

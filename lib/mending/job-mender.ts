import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import type { QueueMending } from '../drivers/queue-mending.interface.js';
import { assertJobId } from '../job/job-id.js';
import { assertQueueName } from '../job/queue-name.js';
import { failedJobs } from './failed-jobs.js';
import { readFlush, readRetryAll, type FlushOptions, type RetryAllOptions } from './mending-options.js';

/**
 * Changes jobs for an operator:
 *
 * 1. puts failed jobs back: {@link retry}, {@link retryAll};
 * 2. removes jobs: {@link remove}, {@link flush}.
 *
 * Everything is checked before anything is changed. Many jobs are changed by slices: if a call rejects, some may be changed, and
 * a second call goes on with the others.
 */
export class JobMender {
  constructor(private readonly driver: QueueDriver) {}

  /** See `QueueAdmin.retry`. */
  async retry(ids: string | readonly string[]): Promise<number> {
    return this.inQueues(ids, (mending, queue, own) => mending.retry(queue, own));
  }

  /** See `QueueAdmin.retryAll`. */
  async retryAll(queue: string, options: RetryAllOptions = {}): Promise<number> {
    assertQueueName(queue);
    const { filter, limit } = readRetryAll(options);
    let count = 0;
    for await (const ids of failedJobs(this.driver, queue, filter)) {
      count += await this.driver.mending.retry(queue, ids.slice(0, limit - count));
      if (count >= limit) break;
    }
    return count;
  }

  /** See `QueueAdmin.remove`. */
  async remove(ids: string | readonly string[]): Promise<number> {
    return this.inQueues(ids, (mending, queue, own) => mending.remove(queue, own));
  }

  /** See `QueueAdmin.flush`. */
  async flush(queue: string, options: FlushOptions = {}): Promise<number> {
    assertQueueName(queue);
    const filter = readFlush(options);
    let count = 0;
    for await (const ids of failedJobs(this.driver, queue, filter)) {
      count += await this.driver.mending.remove(queue, ids, 'failed');
    }
    return count;
  }

  /** Changes jobs by their ids, in their queues. */
  private async inQueues(
    ids: string | readonly string[],
    change: (mending: QueueMending, queue: string, ids: readonly string[]) => Promise<number>,
  ): Promise<number> {
    const all = (Array.isArray(ids) ? ids : [ids]) as readonly string[];
    for (const id of all) assertJobId(id);
    const { mending } = this.driver;
    let count = 0;
    for (const [queue, own] of await mending.queuesOf(all)) count += await change(mending, queue, own);
    return count;
  }
}

import { ArrayDriver, type StoredPush } from './drivers/array/array.driver.js';
import type { QueueDriver } from './drivers/queue-driver.interface.js';
import type { LowPriorityEach } from './drivers/queue-priorities.interface.js';
import type { LimitsOf } from './drivers/queue-limits.interface.js';
import type { RetentionOf } from './drivers/queue-retention.interface.js';
import { RedisDriver } from './drivers/redis/redis.driver.js';
import { partitionOf, queueOf } from './job/stored-queue.js';
import { shareOfLimits } from './options/limit-shares.js';
import { namesPartitions, settingsOf } from './options/queues.resolver.js';
import { PartitionedDriver } from './partitions/partitioned.driver.js';
import type { ResolvedQueueOptions } from './queue.options.js';
import { systemClock, toMonotonic, type Clock, type MonotonicClock } from './support/clock.js';
import { createQueueLogger } from './support/queue-logger.js';

/** Makes the driver from the options. Only this class knows all drivers. */
export class QueueFactory {
  private readonly clock: MonotonicClock;

  /** @param onPush called with each job that a push has added; of the array driver */
  constructor(
    clock: Clock = systemClock,
    private readonly onPush?: (push: StoredPush) => void,
  ) {
    this.clock = toMonotonic(clock);
  }

  /** Makes the driver that the options name. The driver opens no connection before its `connect()` is called. */
  createDriver(options: ResolvedQueueOptions): QueueDriver {
    const { queues } = options;
    const driver = this.createStorage(options);
    // Without partitions nothing stands between a caller and its storage.
    if (!namesPartitions(queues)) return driver;
    return new PartitionedDriver(driver, (queue) => settingsOf(queues, queue).partitions);
  }

  private createStorage({ driver, prefix, statusTtl, queues, redis, logger }: ResolvedQueueOptions): QueueDriver {
    const retention: RetentionOf = (queue) => settingsOf(queues, queue).retention;
    const lowPriorityEach: LowPriorityEach = (queue) => settingsOf(queues, queue).lowPriorityEach;
    const limits: LimitsOf = (queue) => {
      const { limits: whole, partitions = 1 } = settingsOf(queues, queue);
      return partitions === 'stored' ? whole : shareOfLimits(whole, partitionOf(queue), partitions);
    };
    const { onPush } = this;
    switch (driver) {
      case 'array':
        return new ArrayDriver({
          statusTtl,
          retention,
          lowPriorityEach,
          limits,
          clock: this.clock,
          onPush: onPush && ((push) => onPush(ofQueue(push))),
        });
      case 'redis':
        return new RedisDriver({
          redis,
          prefix,
          statusTtl,
          retention,
          lowPriorityEach,
          limits,
          clock: this.clock,
          logger: createQueueLogger(logger, 'Queue'),
        });
    }
  }
}

/** Names the queue of a push in place of its partition. */
function ofQueue(push: StoredPush): StoredPush {
  return {
    id: push.id,
    queue: queueOf(push.queue),
    get body() {
      return push.body;
    },
  };
}

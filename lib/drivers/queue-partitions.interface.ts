/**
 * The partitions of queues: a queue may be stored as several ones. All methods of a driver take and tell the name of the whole queue,
 * but consumers and listeners are of stored queues: each of them has leases and fencing tokens of its own.
 */
export interface QueuePartitions {
  /** Returns the stored queues of a queue, as far as this process knows them: at least one. */
  of(queue: string): readonly string[];

  /** Reads the names of the stored queues that jobs were ever pushed to, sorted. @throws QueueConnectionError */
  readStored(): Promise<readonly string[]>;
}

/** Returns the stored queues of a queue: itself, if the driver knows of no partitions. */
export function storedQueuesOf(driver: { readonly partitions?: QueuePartitions }, queue: string): readonly string[] {
  return driver.partitions?.of(queue) ?? [queue];
}

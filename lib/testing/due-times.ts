import type { QueueConsumer, QueueDriver } from '../drivers/queue-driver.interface.js';
import { storedQueuesOf } from '../drivers/queue-partitions.interface.js';

/** Asks the queues of a driver when something becomes due: a delayed job, the end of a pause, of a hold, of a rate limit. */
export class DueTimes {
  private readonly consumers = new Map<string, QueueConsumer>();

  constructor(
    private readonly driver: QueueDriver,
    private readonly lease: number,
  ) {}

  /** Returns the milliseconds until the next time of all queues; `undefined` if there is none. */
  async next(): Promise<number | undefined> {
    let next: number | undefined;
    const queues = await this.driver.queues();
    for (const stored of queues.flatMap((queue) => storedQueuesOf(this.driver, queue))) {
      const { nextDue } = await this.consumerOf(stored).poll({ settlements: [], limit: 0, recovered: false });
      if (nextDue !== null) next = Math.min(next ?? nextDue, nextDue);
    }
    return next;
  }

  async close(): Promise<void> {
    await Promise.all([...this.consumers.values()].map((consumer) => consumer.close()));
    this.consumers.clear();
  }

  private consumerOf(stored: string): QueueConsumer {
    let consumer = this.consumers.get(stored);
    if (!consumer) {
      consumer = this.driver.consume(stored, { lease: this.lease, onLost: () => undefined });
      this.consumers.set(stored, consumer);
    }
    return consumer;
  }
}

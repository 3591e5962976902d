import type { QueueConsumer, QueueDriver } from '../drivers/queue-driver.interface.js';

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
    for (const queue of await this.driver.queues()) {
      const { nextDue } = await this.consumerOf(queue).poll({ settlements: [], limit: 0, recovered: false });
      if (nextDue !== null) next = Math.min(next ?? nextDue, nextDue);
    }
    return next;
  }

  async close(): Promise<void> {
    await Promise.all([...this.consumers.values()].map((consumer) => consumer.close()));
    this.consumers.clear();
  }

  private consumerOf(queue: string): QueueConsumer {
    let consumer = this.consumers.get(queue);
    if (!consumer) {
      consumer = this.driver.consume(queue, { lease: this.lease, onLost: () => undefined });
      this.consumers.set(queue, consumer);
    }
    return consumer;
  }
}

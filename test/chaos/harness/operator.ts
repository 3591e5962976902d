import type { History } from '../process/history.js';
import type { Producer } from './producer.js';

/** Changes jobs as an operator does, from an application of its own, and records what the checks have to know of that. */
export class Operator {
  constructor(
    private readonly producer: Producer,
    private readonly history: History,
  ) {}

  /** Puts a failed job back. Resolves with whether it did. */
  async retry(id: string): Promise<boolean> {
    return this.putBack(await this.producer.admin.retry(id)) > 0;
  }

  /** Puts all failed jobs of the queue back. Resolves with their number. */
  async retryAll(): Promise<number> {
    return this.putBack(await this.producer.admin.retryAll('default'));
  }

  /** Resolves with whether it removed the job. */
  async remove(id: string): Promise<boolean> {
    return this.dropped(id, (await this.producer.admin.remove(id)) > 0);
  }

  /** Resolves with whether the job waited, and is cancelled. */
  async cancel(id: string): Promise<boolean> {
    return this.dropped(id, (await this.producer.queue.cancel(id, 'no use')) === 'cancelled');
  }

  promote(id: string): Promise<boolean> {
    this.history.write({ type: 'due-changed', id, due: Date.now() });
    return this.producer.admin.promote(id);
  }

  /** @param delay seconds */
  reschedule(id: string, delay: number): Promise<boolean> {
    this.history.write({ type: 'due-changed', id, due: Date.now() + delay * 1000 });
    return this.producer.admin.reschedule(id, delay);
  }

  private putBack(count: number): number {
    this.history.write({ type: 'put-back', queue: 'default', count });
    return count;
  }

  private dropped(id: string, isDropped: boolean): boolean {
    if (isDropped) this.history.write({ type: 'dropped', id });
    return isDropped;
  }
}

import { assertQueueName } from '../job/queue-name.js';

/** The queues that are paused in this process: all of them, or some by name. */
export class PausedQueues {
  private isAll = false;
  private readonly names = new Set<string>();
  /** Queues that were resumed by name while all were paused. */
  private readonly exceptions = new Set<string>();

  get isEmpty(): boolean {
    return !this.isAll && this.names.size === 0;
  }

  readonly has = (queue: string): boolean => this.names.has(queue) || (this.isAll && !this.exceptions.has(queue));

  /** Pauses a queue, or all. @returns whether this changes anything. @throws InvalidQueueNameError */
  add(queue?: string): boolean {
    if (queue === undefined) {
      if (this.isAll && this.exceptions.size === 0) return false;
      this.isAll = true;
      this.exceptions.clear();
      return true;
    }
    assertQueueName(queue);
    if (this.has(queue)) return false;
    this.exceptions.delete(queue);
    this.names.add(queue);
    return true;
  }

  /** Resumes a queue, or all. @returns whether this changes anything. @throws InvalidQueueNameError */
  delete(queue?: string): boolean {
    if (queue === undefined) {
      if (this.isEmpty) return false;
      this.isAll = false;
      this.names.clear();
      this.exceptions.clear();
      return true;
    }
    assertQueueName(queue);
    if (!this.has(queue)) return false;
    this.names.delete(queue);
    if (this.isAll) this.exceptions.add(queue);
    return true;
  }
}

import { Condition } from '../../lib/support/condition.js';

/** Collects items from jobs, and lets a test wait for a number of them. */
export class Recorder<T> {
  readonly items: T[] = [];
  private readonly changed = new Condition();

  add(item: T): void {
    this.items.push(item);
    this.changed.notify();
  }

  get count(): number {
    return this.items.length;
  }

  /** Resolves with all items when there are at least `count`. */
  async has(count: number): Promise<readonly T[]> {
    await this.changed.until(() => this.items.length >= count);
    return this.items;
  }
}

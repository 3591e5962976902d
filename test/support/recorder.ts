import { Condition } from '../../lib/support/condition.js';

/** Collects what jobs say, for a test that waits until enough of them have said it. */
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

  /** Resolves with everything there is, once there are so many. */
  async has(count: number): Promise<readonly T[]> {
    await this.changed.until(() => this.items.length >= count);
    return this.items;
  }
}

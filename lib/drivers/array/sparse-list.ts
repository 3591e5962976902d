import { Deque } from './deque.js';

/**
 * A list of items that is open at both ends, and from which any item can be removed: its element stays in the list as a stale
 * one until it comes to the front. So each operation takes constant time (amortised), however long the list is.
 */
export class SparseList<T extends object> implements Iterable<T> {
  private readonly elements = new Deque<T>();
  /** The number of stale elements of an item: they are its first ones. */
  private readonly stale = new Map<T, number>();
  private staleCount = 0;

  get length(): number {
    return this.elements.length - this.staleCount;
  }

  push(item: T): void {
    this.elements.push(item);
  }

  /** Adds an item in front of all others. If stale elements of it are left, this takes time for each element: they would be behind it. */
  unshift(item: T): void {
    if (this.stale.has(item)) this.removeStale();
    this.elements.unshift(item);
  }

  shift(): T | undefined {
    for (;;) {
      const item = this.elements.shift();
      if (item === undefined || !this.skips(item)) return item;
    }
  }

  /** Removes an item, which has to be in the list. */
  remove(item: T): void {
    this.stale.set(item, (this.stale.get(item) ?? 0) + 1);
    this.staleCount++;
    if (this.length === 0) this.clear();
  }

  *[Symbol.iterator](): Iterator<T> {
    const left = new Map(this.stale);
    for (const item of this.elements) {
      const count = left.get(item) ?? 0;
      if (count > 0) left.set(item, count - 1);
      else yield item;
    }
  }

  clear(): void {
    this.elements.clear();
    this.stale.clear();
    this.staleCount = 0;
  }

  private removeStale(): void {
    const items = [...this];
    this.clear();
    for (const item of items) this.elements.push(item);
  }

  /** Tells whether an element that was taken from the front is a stale one, and forgets it. */
  private skips(item: T): boolean {
    const count = this.stale.get(item) ?? 0;
    if (count === 0) return false;
    if (count === 1) this.stale.delete(item);
    else this.stale.set(item, count - 1);
    this.staleCount--;
    return true;
  }
}

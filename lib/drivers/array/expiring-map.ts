import type { MonotonicClock } from '../../support/clock.js';
import { DueHeap, type DueEntry } from './due-heap.js';

/** The most expired entries that each write removes: more than it adds, so that expired entries cannot pile up. */
const SWEEP = 8;

/** A map that keeps each entry for a time. It needs no timer: reads ignore expired entries, and writes remove them. */
export class ExpiringMap<T> implements Iterable<readonly [string, T]> {
  private readonly entries = new Map<string, DueEntry<Kept<T>>>();
  private readonly byExpiry = new DueHeap<Kept<T>>();

  /** @param ttl how long an entry is kept if nothing else is said, in milliseconds; 0 to keep none */
  constructor(
    private readonly ttl: number,
    private readonly clock: MonotonicClock,
  ) {}

  /** The number of kept entries. Reading it removes all expired entries; each entry costs this once in its life. */
  get size(): number {
    this.sweep(Infinity);
    return this.entries.size;
  }

  get(key: string): T | undefined {
    const entry = this.entries.get(key);
    return entry && entry.due > this.clock.monotonic() ? entry.item.value : undefined;
  }

  /** The key of the entry that was set first; it may have expired. */
  get oldest(): string | undefined {
    return this.entries.keys().next().value;
  }

  /** The entries in the order in which they were set. */
  *[Symbol.iterator](): Iterator<readonly [string, T]> {
    const now = this.clock.monotonic();
    for (const [key, { item, due }] of this.entries) if (due > now) yield [key, item.value];
  }

  /** @param ttl how long this entry is kept, in milliseconds */
  set(key: string, value: T, ttl = this.ttl): void {
    this.delete(key);
    this.sweep(SWEEP);
    if (ttl > 0) this.entries.set(key, this.byExpiry.push({ key, value }, this.clock.monotonic() + ttl));
  }

  /** Returns how long an entry is kept from now on, in milliseconds; 0 if there is none. */
  timeLeft(key: string): number {
    const entry = this.entries.get(key);
    return entry ? Math.max(entry.due - this.clock.monotonic(), 0) : 0;
  }

  /** Gives a kept entry another value. Its time goes on. */
  replace(key: string, value: T): void {
    const entry = this.entries.get(key);
    if (entry) entry.item.value = value;
  }

  delete(key: string): void {
    const entry = this.entries.get(key);
    if (!entry) return;
    this.entries.delete(key);
    this.byExpiry.remove(entry);
  }

  private sweep(limit: number): void {
    const now = this.clock.monotonic();
    for (let i = 0; i < limit; i++) {
      const expired = this.byExpiry.shiftDue(now);
      if (!expired) return;
      this.entries.delete(expired.key);
    }
  }
}

interface Kept<T> {
  readonly key: string;
  value: T;
}

interface Entry {
  readonly value: Promise<unknown>;
  /** On the clock of the cache. */
  readonly until: number;
}

/** The number of entries from which on those whose time is over are removed. */
const MANY = 500;

/** Keeps results of reads for a short time: pages that ask for the same at the same time share one read. */
export class ShortCache {
  private readonly entries = new Map<string, Entry>();

  /** @param now the milliseconds of a clock that cannot be set */
  constructor(private readonly now: () => number) {}

  /**
   * Returns the result that is kept under a key, or reads it. A read that fails is not kept.
   *
   * @param keep for how long it may be told again, in milliseconds
   */
  read<T>(key: string, keep: number, read: () => Promise<T>): Promise<T> {
    const known = this.entries.get(key);
    if (known && known.until > this.now()) return known.value as Promise<T>;
    if (this.entries.size >= MANY) this.tidy();
    const value = read();
    const entry = { value, until: this.now() + keep };
    this.entries.set(key, entry);
    value.catch(() => {
      if (this.entries.get(key) === entry) this.entries.delete(key);
    });
    return value;
  }

  /** Forgets everything: something was changed. */
  clear(): void {
    this.entries.clear();
  }

  private tidy(): void {
    for (const [key, { until }] of this.entries) if (until <= this.now()) this.entries.delete(key);
  }
}

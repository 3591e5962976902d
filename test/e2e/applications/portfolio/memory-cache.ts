import type { CachedSnapshot, Snapshot, SnapshotCache } from './snapshots.js';

/** Keeps snapshots in memory; a test lets them expire, or ignores writes. */
export class MemoryCache implements SnapshotCache {
  readonly entries = new Map<string, CachedSnapshot>();
  isBroken = false;

  async read(key: string): Promise<CachedSnapshot | undefined> {
    return this.entries.get(key);
  }

  async write(key: string, snapshot: Snapshot): Promise<void> {
    if (!this.isBroken) this.entries.set(key, { snapshot, isExpired: false });
  }

  expire(key: string): void {
    this.entries.set(key, { ...this.entries.get(key)!, isExpired: true });
  }
}

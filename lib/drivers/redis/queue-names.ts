import { hashQueue, queueHashOf } from '../../job/job-id.js';
import type { RedisToolkit } from './redis-toolkit.js';

/** The names of the queues, as this process last read them from the list of queues. */
export class QueueNames {
  private names: readonly string[] = [];
  private byHash: ReadonlyMap<string, readonly string[]> = new Map();

  constructor(private readonly toolkit: RedisToolkit) {}

  /** Reads the names of all queues, sorted. */
  async read(): Promise<readonly string[]> {
    const { commands, keys } = this.toolkit;
    const names = await commands.call((client) => client.smembers(keys.queues), 'deadline', { key: keys.queues });
    this.names = names.toSorted();
    const byHash = new Map<string, string[]>();
    for (const name of this.names) {
      const hash = hashQueue(name);
      const others = byHash.get(hash);
      if (others) others.push(name);
      else byHash.set(hash, [name]);
    }
    this.byHash = byHash;
    return this.names;
  }

  /** Returns the queues, of those last read, that a generated id names by their hash. */
  named(id: string): readonly string[] {
    const hash = queueHashOf(id);
    return (hash !== undefined && this.byHash.get(hash)) || [];
  }
}

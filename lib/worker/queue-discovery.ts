import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import { storedQueuesOf } from '../drivers/queue-partitions.interface.js';
import { queueOf } from '../job/stored-queue.js';
import type { Clock, Timer } from '../support/clock.js';

/** How often a worker of every queue reads the list of queues, in milliseconds. */
const INTERVAL = 2_000;
/** How often a worker of some queues looks for partitions that other processes have added. */
const RARE_INTERVAL = 30_000;

/**
 * Finds the stored queues that a worker does not know yet, of those that jobs were ever pushed to: every queue for a worker of every queue,
 * else further partitions of its queues. It reads the list of queues from time to time; while the storage is away it finds none.
 */
export class QueueDiscovery {
  private readonly known: Set<string>;
  private readonly only: ReadonlySet<string> | undefined;
  private timer: Timer | undefined;
  private isStopped = false;

  /**
   * @param queues the queues that the worker knows
   * @param isEvery whether it works every other queue, too
   */
  constructor(
    private readonly driver: Pick<QueueDriver, 'queues' | 'partitions'>,
    private readonly clock: Clock,
    queues: readonly string[],
    isEvery = true,
  ) {
    this.known = new Set(queues.flatMap((queue) => storedQueuesOf(driver, queue)));
    this.only = isEvery ? undefined : new Set(queues);
  }

  /** Looks once, and returns the stored queues that were not known. It never throws. */
  async look(): Promise<string[]> {
    const { driver, known, only } = this;
    try {
      const stored = (await driver.partitions?.readStored()) ?? (await driver.queues());
      const isNew = (name: string): boolean => !known.has(name);
      const found = stored.filter((name) => isNew(name) && (only?.has(queueOf(name)) ?? true));
      // Of a queue that is new all partitions are served.
      const ofNew = found.flatMap((name) => storedQueuesOf(driver, queueOf(name))).filter(isNew);
      const all = new Set([...ofNew, ...found]);
      for (const name of all) known.add(name);
      return [...all];
    } catch {
      return [];
    }
  }

  /** Looks from time to time, until it is stopped. */
  start(onFound: (stored: readonly string[]) => void): void {
    if (this.isStopped) return;
    this.timer = this.clock.after(this.only ? RARE_INTERVAL : INTERVAL, () => {
      void this.look().then((found) => {
        if (found.length > 0 && !this.isStopped) onFound(found);
        this.start(onFound);
      });
    });
  }

  stop(): void {
    this.isStopped = true;
    this.timer?.cancel();
  }
}

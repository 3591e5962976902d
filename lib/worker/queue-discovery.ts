import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import type { Clock, Timer } from '../support/clock.js';

/** How often the list of queues is read, in milliseconds. */
const INTERVAL = 2_000;

/**
 * Finds the queues that a worker of every queue does not know yet: those that jobs were ever pushed to. It reads the list of
 * queues from time to time; while the storage is away it finds none.
 */
export class QueueDiscovery {
  private readonly known: Set<string>;
  private timer: Timer | undefined;
  private isStopped = false;

  constructor(
    private readonly driver: Pick<QueueDriver, 'queues'>,
    private readonly clock: Clock,
    known: readonly string[],
  ) {
    this.known = new Set(known);
  }

  /** Looks once, and returns the queues that were not known. It never throws. */
  async look(): Promise<string[]> {
    try {
      const found = (await this.driver.queues()).filter((queue) => !this.known.has(queue));
      for (const queue of found) this.known.add(queue);
      return found;
    } catch {
      return [];
    }
  }

  /** Looks from time to time, until it is stopped. */
  start(onFound: (queues: readonly string[]) => void): void {
    if (this.isStopped) return;
    this.timer = this.clock.after(INTERVAL, () => {
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

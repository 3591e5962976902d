import { clearInterval, setInterval } from 'node:timers';
import type { MonotonicClock } from '../../support/clock.js';
import type { QueueListener } from '../queue-driver.interface.js';
import type { ArrayQueue } from './array-queue.js';

/** The longest interval of a timer, in milliseconds. */
const FOR_EVER = 2 ** 31 - 1;

/**
 * Listens to several queues. During a wait it is a waiter of each of them.
 *
 * A wait without a limit has no timer of the clock, so that fake timers can run until none is left. It has a timer of Node
 * that never ends: a process with a worker has to stay alive.
 */
export class ArrayListener implements QueueListener {
  readonly isReliable = true;
  /** The function that ends each wait under way. */
  private readonly waits = new Set<(queue: string | null) => void>();
  private closed = false;

  constructor(
    private readonly queues: readonly ArrayQueue[],
    private readonly clock: MonotonicClock,
    private readonly onClose: (listener: ArrayListener) => void,
  ) {}

  async wait(milliseconds: number): Promise<string | null> {
    if (this.closed) return null;
    const ready = this.queues.find((queue) => queue.wakesAtOnce());
    return ready ? ready.name : await this.waitForOne(milliseconds);
  }

  pass(name: string): void {
    if (!this.closed) this.queues.find((queue) => queue.name === name)?.waiters.signal();
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const end of this.waits) end(null);
    this.onClose(this);
  }

  private waitForOne(milliseconds: number): Promise<string | null> {
    return new Promise((resolve) => {
      const places = this.queues.map((queue) => ({ queue, waiter: () => end(queue.name) }));
      const end = (queue: string | null): void => {
        timeout?.cancel();
        clearInterval(alive);
        this.waits.delete(end);
        for (const place of places) place.queue.waiters.remove(place.waiter);
        resolve(queue);
      };
      const timeout = milliseconds === Infinity ? undefined : this.clock.after(milliseconds, () => end(null));
      const alive = timeout ? undefined : setInterval(() => {}, FOR_EVER);
      this.waits.add(end);
      for (const place of places) place.queue.waiters.add(place.waiter);
    });
  }
}

import { setImmediate as turn } from 'node:timers/promises';
import type { QueueListener } from '../drivers/queue-driver.interface.js';
import type { Clock, Timer } from '../support/clock.js';

/**
 * How long a worker trusts that it is woken, in milliseconds. A wake-up can get lost with the worker that took it, so
 * everybody looks by himself from time to time.
 */
const POLL = 5_000;

/**
 * Wakes the worker: when a queue gets a job, when a delayed job is due, and from time to time.
 */
export class QueueNotifier {
  private waiting = false;
  private closed = false;
  private readonly due = new Map<string, Timer>();

  constructor(
    private readonly listener: QueueListener,
    private readonly clock: Clock,
    /** Is told the queue that may have a job; `null` for any. */
    private readonly onWake: (queue: string | null) => void,
  ) {}

  /** Begins to wait, unless it does already. */
  wait(): void {
    if (this.waiting || this.closed) return;
    this.waiting = true;
    void this.waitOnce();
  }

  /** Sets when the next delayed job of a queue is due, in milliseconds from now; `null` for none. */
  setDue(queue: string, milliseconds: number | null): void {
    this.due.get(queue)?.cancel();
    this.due.delete(queue);
    if (milliseconds === null || this.closed) return;
    const timer = this.clock.after(milliseconds, () => {
      this.due.delete(queue);
      this.onWake(queue);
    });
    this.due.set(queue, timer);
  }

  /** Hands a wake-up on that came when there was no slot free. */
  pass(queue: string): void {
    this.listener.pass(queue);
  }

  /** Ends the watch. Perhaps nobody else knows when the next delayed job is due: who waits next is to find out. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    for (const [queue, timer] of this.due) {
      timer.cancel();
      this.listener.pass(queue);
    }
    this.due.clear();
    await this.listener.close();
  }

  private async waitOnce(): Promise<void> {
    const since = this.clock.now();
    const queue = await this.listener.wait(POLL);
    // Before its time: a closed listener says so at once, each time, and who waits again would keep the event loop from turning.
    if (queue === null && this.clock.now() - since < POLL) await turn();
    this.waiting = false;
    if (!this.closed) this.onWake(queue);
  }
}

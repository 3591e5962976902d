import { setImmediate as turn } from 'node:timers/promises';
import type { QueueListener } from '../drivers/queue-driver.interface.js';
import type { MonotonicClock, Timer } from '../support/clock.js';

/**
 * The longest time between two polls of an idle worker, in milliseconds. A wake-up is lost if the worker that took it dies, so
 * each worker polls its queues from time to time without one. Within one process none is lost.
 */
const RECHECK = 5_000;

/** Wakes the worker: if a queue got a job, when a delayed job is due, and from time to time. */
export class QueueNotifier {
  private waiting = false;
  private since = 0;
  private closed = false;
  private readonly due = new Map<string, Timer>();

  constructor(
    private readonly listener: QueueListener,
    private readonly clock: MonotonicClock,
    /** Called with the queue that may have a job; `null` for any queue. */
    private readonly onWake: (queue: string | null) => void,
  ) {}

  /** Waits once, unless a wait is under way, and wakes the worker afterwards. */
  async wait(): Promise<void> {
    if (this.waiting || this.closed) return;
    this.waiting = true;
    this.since = this.clock.monotonic();
    const queue = await this.listener.wait(this.listener.isReliable ? Infinity : RECHECK);
    // A closed listener answers at once, each time: without this turn the next wait would keep the event loop from turning.
    if (queue === null && this.clock.monotonic() - this.since < RECHECK) await turn();
    this.waiting = false;
    if (!this.closed) this.onWake(queue);
  }

  /** When the wait that is under way began, on the monotonic clock; `undefined` without one, or if it may take for ever. */
  get waitsSince(): number | undefined {
    return this.waiting && !this.closed && !this.listener.isReliable ? this.since : undefined;
  }

  /** Sets when the next delayed job of a queue is due, in milliseconds from now; `null` for none. */
  setDue(queue: string, milliseconds: number | null): void {
    if (milliseconds === null && this.due.size === 0) return;
    this.due.get(queue)?.cancel();
    this.due.delete(queue);
    if (milliseconds === null || this.closed) return;
    const timer = this.clock.after(milliseconds, () => {
      this.due.delete(queue);
      this.onWake(queue);
    });
    this.due.set(queue, timer);
  }

  /** Passes a wake-up on to another worker, because this one has no free slot. */
  pass(queue: string): void {
    this.listener.pass(queue);
  }

  /** Stops waiting, and wakes another worker for each queue with a timer: only this worker may know when its next job is due. */
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
}

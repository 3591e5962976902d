import type { Clock, Timer } from '../support/clock.js';
import type { Condition } from '../support/condition.js';
import { waitAtMost } from '../support/time-limit.js';

/** How long handlers get to end once they were told to stop, in milliseconds. */
const ABORT_GRACE = 500;
/** How long the last settlements may take, in milliseconds: the storage may be away. */
const FLUSH_LIMIT = 5_000;
/** How long giving up the leases may take, in milliseconds; they run out by themselves. */
const CLOSE_LIMIT = 1_000;

/** What a drain acts on. */
export interface ShutdownTarget {
  /** Notified whenever one of the next two may have become true. */
  readonly changed: Condition;
  /** Whether no job runs. */
  isIdle(): boolean;
  /** Whether the storage knows how every attempt ended, and owes no answer. */
  isFlushed(): boolean;
  stopClaiming(): Promise<void>;
  abortJobs(): void;
  putJobsBack(): void;
  closeFetchers(): Promise<void>;
}

/**
 * Stops a worker. The order is what keeps jobs from being lost, or run twice:
 *
 *     stop claiming -> wait for running jobs -> tell them to stop -> put the rest back -> settle everything -> give up leases
 *
 * The leases are kept alive until the end, and the connections are closed later still, by who opened them.
 */
export class ShutdownSequence {
  private readonly hurry: Promise<void>;
  private endWait!: () => void;
  private timer: Timer | undefined;
  private endsAt = Infinity;

  constructor(
    private readonly target: ShutdownTarget,
    private readonly clock: Clock,
  ) {
    this.hurry = new Promise((resolve) => (this.endWait = resolve));
  }

  async run(): Promise<void> {
    const { target } = this;
    await target.stopClaiming();
    await Promise.race([target.changed.until(() => target.isIdle()), this.hurry]);
    this.timer?.cancel();
    // There is nothing left to hasten.
    this.endsAt = -Infinity;
    if (!target.isIdle()) {
      target.abortJobs();
      await this.within(ABORT_GRACE, () => target.isIdle());
      target.putJobsBack();
    }
    await this.within(FLUSH_LIMIT, () => target.isFlushed());
    await waitAtMost(target.closeFetchers(), this.clock, CLOSE_LIMIT);
  }

  /** Waits for running jobs no longer than this from now, in milliseconds; the earliest of several calls counts. */
  hasten(milliseconds: number): void {
    const end = this.clock.now() + milliseconds;
    if (end >= this.endsAt) return;
    this.endsAt = end;
    this.timer?.cancel();
    if (milliseconds <= 0) this.endWait();
    else this.timer = this.clock.after(milliseconds, this.endWait);
  }

  private async within(milliseconds: number, test: () => boolean): Promise<void> {
    if (!test()) await waitAtMost(this.target.changed.until(test), this.clock, milliseconds);
  }
}

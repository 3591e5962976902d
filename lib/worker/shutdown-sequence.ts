import type { MonotonicClock, Timer } from '../support/clock.js';
import type { Condition } from '../support/condition.js';
import { onDeadline, waitAtMost } from '../support/deadline.js';

/** How long handlers may take to end after their signal was aborted, in milliseconds. */
const ABORT_GRACE = 500;
/** How long the last settlements may take, in milliseconds: the storage may be away. */
const FLUSH_LIMIT = 5_000;
/** How long giving up the leases may take, in milliseconds; after that they run out by themselves. */
const CLOSE_LIMIT = 1_000;

/** The worker's side of a {@link ShutdownSequence}. */
export interface ShutdownTarget {
  /** Notified whenever {@link isIdle} or {@link isFlushed} may have become true. */
  readonly changed: Condition;
  /** Whether no job runs. */
  isIdle(): boolean;
  /** Whether the storage knows how every attempt ended, and no reply is awaited. */
  isFlushed(): boolean;
  stopClaiming(): Promise<void>;
  abortJobs(): void;
  requeueJobs(): void;
  /** Gives up the leases. */
  close(): Promise<void>;
}

/**
 * Stops a worker. The order keeps jobs from being lost or run twice:
 *
 *     stop claiming -> wait for running jobs -> abort their signals -> requeue the rest -> settle everything -> give up leases
 *
 * The leases are prolonged until the end. The driver closes the connections after that.
 */
export class ShutdownSequence {
  private readonly timeout: Promise<void>;
  private endWait!: () => void;
  private timer: Timer | undefined;
  private endsAt = Infinity;

  constructor(
    private readonly target: ShutdownTarget,
    private readonly clock: MonotonicClock,
  ) {
    this.timeout = new Promise((resolve) => (this.endWait = resolve));
  }

  async run(): Promise<void> {
    const { target } = this;
    await target.stopClaiming();
    await Promise.race([target.changed.until(() => target.isIdle()), this.timeout]);
    this.timer?.cancel();
    // From here on hasten() changes nothing.
    this.endsAt = -Infinity;
    if (!target.isIdle()) {
      target.abortJobs();
      await this.within(ABORT_GRACE, () => target.isIdle());
      target.requeueJobs();
    }
    await this.within(FLUSH_LIMIT, () => target.isFlushed());
    await waitAtMost(target.close(), this.clock, CLOSE_LIMIT);
  }

  /** Waits for running jobs no longer than this from now, in milliseconds; the earliest of several calls counts. */
  hasten(milliseconds: number): void {
    const end = this.clock.monotonic() + milliseconds;
    if (end >= this.endsAt) return;
    this.endsAt = end;
    this.timer?.cancel();
    if (milliseconds <= 0) this.endWait();
    else this.timer = onDeadline(this.clock, milliseconds, this.endWait);
  }

  private async within(milliseconds: number, test: () => boolean): Promise<void> {
    if (!test()) await waitAtMost(this.target.changed.until(test), this.clock, milliseconds);
  }
}

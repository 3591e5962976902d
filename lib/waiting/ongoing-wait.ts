import type { JobTraits } from '../drivers/job-traits.interface.js';
import type { JobEnd, JobWait, QueueWaits } from '../drivers/queue-waits.interface.js';
import { WaitTimeoutError } from '../queue.errors.js';
import type { MonotonicClock, Timer } from '../support/clock.js';
import { withTimeLimit } from '../support/deadline.js';
import type { WaitLimits } from './wait-options.js';

/** The longest time that the last look of a wait takes, in milliseconds. */
const LAST_LOOK = 1_000;

/**
 * One wait of a caller, until the job has ended, the time is up, the signal is aborted, or the application ends. Then it removes
 * its timer, its listener, and the waits that it opened in the storage.
 */
export class OngoingWait {
  /** The id of the job, and how it ended. */
  readonly ended: Promise<readonly [id: string, end: JobEnd]>;
  private readonly endsAt: number;
  private readonly timer: Timer;
  private resolve!: (end: readonly [string, JobEnd]) => void;
  private reject!: (error: unknown) => void;
  private current: JobWait | undefined;
  /** True when the wait is over. */
  isOver = false;
  /** False while its job is not pushed: then the job does not go on if the time is up. */
  isPushed = true;

  constructor(
    private id: string,
    private readonly waits: QueueWaits,
    private readonly clock: MonotonicClock,
    private readonly limits: WaitLimits,
    private readonly onOver: (wait: OngoingWait) => void,
  ) {
    this.ended = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // The caller may await its push first.
    this.ended.catch(ignore);
    const milliseconds = limits.timeout * 1000;
    this.endsAt = clock.monotonic() + milliseconds;
    this.timer = clock.after(milliseconds, () => void this.onTimeout());
    limits.signal?.addEventListener('abort', this.onAbort);
  }

  /**
   * Waits for a job: of two jobs, for the one that was named last.
   *
   * @param push if it is about to be pushed
   * @returns the ticket for the push, if it needs one
   */
  async follow(
    id: string,
    push?: { readonly queue: string; readonly isGiven: boolean; readonly traits?: JobTraits },
  ): Promise<string | undefined> {
    if (this.isOver) return undefined;
    this.leave();
    this.id = id;
    const timeout = Math.max(this.endsAt - this.clock.monotonic(), 1);
    const wait = await this.waits.open(
      id,
      { timeout, ...(push && { pushedTo: push.queue, isGiven: push.isGiven, traits: push.traits }) },
      {
        ended: (end) => this.isOf(id) && this.finish(end),
        failed: (error) => this.isOf(id) && this.fail(error),
      },
    );
    if (this.isOver) void wait.close().catch(ignore);
    else this.current = wait;
    return wait.ticket;
  }

  /** Tells that the job was pushed. */
  arrived(): void {
    this.current?.arrived();
  }

  /** Ends the wait with an error. */
  fail(error: unknown): void {
    if (!this.stop()) return;
    this.leave();
    this.reject(error);
  }

  private isOf(id: string): boolean {
    return id === this.id;
  }

  private finish(end: JobEnd): void {
    if (this.stop()) this.resolve([this.id, end]);
  }

  private readonly onAbort = (): void => this.fail(this.limits.signal!.reason);

  /** Looks for the last time: the message of the storage may have got lost. */
  private async onTimeout(): Promise<void> {
    if (!this.stop()) return;
    const { id, limits, current, clock } = this;
    const late = new WaitTimeoutError(id, limits.timeout, this.isPushed);
    let end: JobEnd | undefined;
    try {
      if (current) end = await withTimeLimit(current.close(), clock, LAST_LOOK, () => late);
    } catch {
      // Without an answer, the time is up.
    }
    if (end) this.resolve([id, end]);
    else this.reject(late);
  }

  /** Removes what would keep the process from ending. @returns false if it was over already */
  private stop(): boolean {
    if (this.isOver) return false;
    this.isOver = true;
    this.timer.cancel();
    this.limits.signal?.removeEventListener('abort', this.onAbort);
    this.onOver(this);
    return true;
  }

  private leave(): void {
    this.current?.close().catch(ignore);
    this.current = undefined;
  }
}

function ignore(): void {
  // The storage forgets the wait by itself; and the caller awaits the rejection later.
}

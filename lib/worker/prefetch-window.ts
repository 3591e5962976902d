import type { Clock } from '../support/clock.js';

/** Jobs that were claimed together are quick when all of them have ended after this time, in milliseconds. */
const QUICK = 5;

/** From how many jobs ahead on two claims are under way at a time. */
const FAR = 32;

/** Jobs that were claimed together. */
export interface Claim {
  /** Milliseconds since the Unix epoch. */
  readonly takenAt: number;
  /** Whether the queue had more than these. */
  readonly more: boolean;
  /** How many of them have not ended. */
  left: number;
}

/**
 * How many jobs of a queue to claim beyond the free slots.
 *
 * A worker that claims only for free slots does nothing while the storage answers, and the storage nothing while the
 * worker runs jobs. Where jobs take microseconds that is most of the time, so that the next ones are claimed before the
 * last ones have ended. Jobs that take longer gain nothing by it, and would be kept from other workers: the allowance
 * grows from 1 to its limit, doubling, while all jobs of a claim end within 5 ms and the queue has more, is halved when
 * they do not, and is none as soon as any have been running for longer, or the queue has run dry.
 */
export class PrefetchWindow {
  private allowance = 0;
  private readonly open = new Set<Claim>();

  /**
   * @param concurrency how many jobs run at once
   * @param most the most that may wait in the worker for a slot
   */
  constructor(
    private readonly concurrency: number,
    private readonly most: number,
    private readonly clock: Clock,
  ) {}

  /**
   * How many jobs to ask for: half of what the worker may hold at once, so that it has the other half to run meanwhile, or a
   * third where two claims are under way.
   *
   * @param free how many slots are free; less than none where claimed jobs wait for one
   */
  limit(free: number): number {
    if (!this.isOn) return Math.max(free, 0);
    const part = Math.ceil((this.concurrency + this.allowance) / (this.isFar ? 3 : 2));
    return Math.max(Math.min(free + this.allowance, Math.max(part, free)), 0);
  }

  /** Whether jobs are claimed beyond the free slots at the moment. */
  get isOn(): boolean {
    return this.allowance > 0 && !this.isSlow;
  }

  /** Whether so many are claimed ahead that two claims at a time are worth it. */
  get isFar(): boolean {
    return this.allowance >= FAR && !this.isSlow;
  }

  /** Is told what a claim brought. */
  taken(count: number, more: boolean): Claim {
    const claim = { takenAt: this.clock.now(), more, left: count };
    if (!more) this.allowance = 0;
    if (count > 0) this.open.add(claim);
    return claim;
  }

  /** Is told that a job of a claim has ended, or was given back. */
  ended(claim: Claim): void {
    claim.left--;
    if (claim.left > 0) return;
    this.open.delete(claim);
    if (this.clock.now() - claim.takenAt > QUICK) this.allowance = Math.floor(this.allowance / 2);
    else if (claim.more) this.allowance = Math.min(Math.max(this.allowance * 2, 1), this.most);
  }

  /** Claims nothing ahead until jobs have been seen to be quick again. */
  reset(): void {
    this.allowance = 0;
  }

  private get isSlow(): boolean {
    // They stand in the order they were taken.
    for (const oldest of this.open) return this.clock.now() - oldest.takenAt > QUICK;
    return false;
  }
}

import type { StartLimits } from '../../lib/drivers/queue-limits.interface.js';

/** The limits of the queue of the model: it keeps all starts, and looks at all of them each time. */
export class ModelLimits {
  private readonly starts: { readonly id: string; readonly at: number; readonly isCounted: boolean }[] = [];

  /** The end of the hold; it may be over. */
  heldUntil = 0;

  /** What an operator has set in place of the options. */
  set: StartLimits | undefined;

  constructor(readonly own: StartLimits) {}

  get limits(): StartLimits {
    return this.set ?? this.own;
  }

  get areOn(): boolean {
    const { concurrency, rateLimit, groups } = this.limits;
    return (concurrency ?? rateLimit ?? groups) !== undefined;
  }

  /** The starts that a rate limit saw. */
  private get counted() {
    return this.starts.filter(({ isCounted }) => isCounted);
  }

  /** Returns how many jobs may start now, at most `want`. @param running how many jobs run */
  free(want: number, running: number, now: number): number {
    if (this.heldUntil > now) return 0;
    const { concurrency = Infinity, rateLimit } = this.limits;
    const inWindow = rateLimit ? this.counted.filter(({ at }) => at > now - rateLimit.per * 1000).length : 0;
    return Math.max(0, Math.min(want, concurrency - running, (rateLimit?.max ?? Infinity) - inWindow));
  }

  /** When a job may start, if only the time keeps it back. */
  opensAt(running: number, now: number): number {
    if (this.heldUntil > now) return this.heldUntil;
    const { concurrency = Infinity, rateLimit } = this.limits;
    if (!rateLimit || running >= concurrency) return Infinity;
    return this.counted.at(-rateLimit.max)!.at + rateLimit.per * 1000;
  }

  started(ids: readonly string[], now: number): void {
    const isCounted = this.limits.rateLimit !== undefined;
    for (const id of ids) this.starts.push({ id, at: now, isCounted });
  }

  /** The last start of a job does not count. */
  giveBack(id: string): void {
    if (!this.limits.rateLimit) return;
    const index = this.starts.findLastIndex((start) => start.id === id);
    if (index >= 0) this.starts.splice(index, 1);
  }

  forget(): void {
    this.starts.length = 0;
    this.heldUntil = 0;
    this.set = undefined;
  }
}

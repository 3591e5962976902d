import type { Clock, Timer } from '../../support/clock.js';
import type { ArrayWaiting } from './array-waiting.js';

/** Called when there may be a job; it leaves the waiters itself. */
export type Waiter = () => void;

/**
 * Those who wait for a job of one queue.
 *
 * 1. A signal wakes one of them, the one that has waited longest: all of them would run for the same job. It is kept
 *    for the next one to come when nobody waits.
 * 2. A signal comes by itself when the next delayed job is due, as long as somebody waits: no timer otherwise.
 */
export class ArrayWaiters {
  private readonly waiters = new Set<Waiter>();
  private signalled = false;
  private alarm: { readonly at: number; readonly timer: Timer } | undefined;

  constructor(
    private readonly waiting: ArrayWaiting,
    private readonly clock: Clock,
  ) {}

  /** Takes a signal that was kept, if there is one. */
  takeSignal(): boolean {
    const taken = this.signalled;
    this.signalled = false;
    return taken;
  }

  add(waiter: Waiter): void {
    this.waiters.add(waiter);
    this.setAlarm();
  }

  remove(waiter: Waiter): void {
    this.waiters.delete(waiter);
    this.setAlarm();
  }

  signal(): void {
    const [longest] = this.waiters;
    this.signalled = longest === undefined;
    longest?.();
  }

  /** @param mayHaveJob whether that is worth a signal */
  waitingChanged(mayHaveJob: boolean): void {
    if (mayHaveJob) this.signal();
    this.setAlarm();
  }

  private setAlarm(): void {
    const at = this.waiters.size > 0 ? this.waiting.nextDueAt : undefined;
    if (at === this.alarm?.at) return;
    this.alarm?.timer.cancel();
    this.alarm =
      at === undefined ? undefined : { at, timer: this.clock.after(at - this.clock.now(), () => this.ring()) };
  }

  private ring(): void {
    this.alarm = undefined;
    this.waitingChanged(this.waiting.promote(this.clock.now()) > 0);
  }
}

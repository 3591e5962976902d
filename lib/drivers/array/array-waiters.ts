import type { MonotonicClock, Timer } from '../../support/clock.js';
import type { ArrayWaiting } from './array-waiting.js';

/** Called if a job may be ready. It removes itself from the waiters. */
export type Waiter = () => void;

/**
 * Wakes the waiters of one queue:
 *
 * 1. wakes the waiter that has waited longest at each signal, and no other: all of them would claim the same job. If no
 *    listener waits, the signal is kept for the next waiter;
 * 2. signals when the next delayed job is due. It has a timer for this only while a listener waits.
 */
export class ArrayWaiters {
  private readonly waiters = new Set<Waiter>();
  private signalled = false;
  private alarm: { readonly at: number; readonly timer: Timer } | undefined;

  constructor(
    private readonly waiting: ArrayWaiting,
    private readonly clock: MonotonicClock,
    /** Called after the waiting jobs have changed. */
    private readonly onChanged: () => void = () => undefined,
  ) {}

  /** Takes the kept signal, and returns whether there was one. */
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

  /**
   * Sets the timer anew after the waiting jobs have changed.
   *
   * @param mayHaveJob true if a job may be ready: then it signals first
   */
  waitingChanged(mayHaveJob: boolean): void {
    if (mayHaveJob) this.signal();
    this.setAlarm();
    this.onChanged();
  }

  private setAlarm(): void {
    const at = this.waiters.size > 0 ? this.waiting.nextDueAt : undefined;
    if (at === this.alarm?.at) return;
    this.alarm?.timer.cancel();
    this.alarm =
      at === undefined ? undefined : { at, timer: this.clock.after(at - this.clock.monotonic(), () => this.ring()) };
  }

  private ring(): void {
    this.alarm = undefined;
    this.waitingChanged(this.waiting.promote(this.clock.monotonic()));
  }
}

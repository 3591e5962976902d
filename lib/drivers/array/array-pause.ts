import { setImmediate as turn } from 'node:timers/promises';
import type { MonotonicClock, Timer } from '../../support/clock.js';
import type { QueuePause } from '../queue-pauses.interface.js';

/** The turns of the event loop in which a worker of this process takes in a pause: one for its poll, one for the reply. */
const TURNS = 2;

/** The pause of one queue, and the consumers that have to learn of it. */
export class ArrayPause {
  private current: QueuePause | undefined;
  /** The time at which the pause ends, on the monotonic clock; `Infinity` without a pause, or without an end. */
  endsAt = Infinity;
  private end: Timer | undefined;
  private readonly listeners = new Set<() => void>();

  /** @param onResumed called when a pause has ended */
  constructor(
    private readonly clock: MonotonicClock,
    private readonly onResumed: () => void,
  ) {}

  get isOn(): boolean {
    return this.current !== undefined;
  }

  read(): QueuePause | null {
    return this.current ? { ...this.current } : null;
  }

  /** Resolves when the workers of this process have requeued what they had claimed and not started. */
  async begin(milliseconds: number | null): Promise<void> {
    this.end?.cancel();
    this.current = { until: milliseconds === null ? null : this.clock.now() + milliseconds };
    this.endsAt = milliseconds === null ? Infinity : this.clock.monotonic() + milliseconds;
    this.end = milliseconds === null ? undefined : this.clock.after(milliseconds, this.resume);
    this.signal();
    for (let i = 0; i < TURNS; i++) await turn();
  }

  readonly resume = (): void => {
    if (!this.current) return;
    this.close();
    this.current = undefined;
    this.endsAt = Infinity;
    this.signal();
    this.onResumed();
  };

  /** Calls a listener when a poll has news: a pause began or ended, or a job was cancelled. @returns a function that stops the calls */
  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Cancels the timer. */
  close(): void {
    this.end?.cancel();
    this.end = undefined;
  }

  /** Calls the listeners, because a poll has news for them. */
  signal(): void {
    for (const listener of this.listeners) listener();
  }
}

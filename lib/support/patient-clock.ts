import { setImmediate } from 'node:timers';
import type { MonotonicClock, Timer } from './clock.js';

/** The shortest and the longest time between two looks of a {@link PatientClock}, in milliseconds. */
const SHORTEST_LOOK = 50;
const LONGEST_LOOK = 1_000;

/**
 * A clock for deadlines and silences, with one alarm. Nothing is concluded from a silence of a process that did not listen:
 *
 * 1. while the event loop is blocked, the clock stands still. Until an alarm it looks at the time again and again; a look
 *    that comes late counts as one that came in time;
 * 2. before it calls back, what has arrived is read.
 */
export class PatientClock {
  private counted = 0;
  private countedAt: number;
  /** The time until the next look; `Infinity` while no alarm is set. */
  private part = Infinity;
  /** `Infinity` while no alarm is set. Only this clock writes it. */
  alarmAt = Infinity;
  private timer: Timer | undefined;
  private isClosed = false;

  constructor(
    private readonly clock: MonotonicClock,
    private readonly onAlarm: () => void,
  ) {
    this.countedAt = clock.monotonic();
  }

  /** Returns the milliseconds since it was made. */
  now(): number {
    return this.counted + Math.min(this.clock.monotonic() - this.countedAt, this.part);
  }

  /** Sets the alarm to a time, unless it is set to an earlier one. `Infinity` sets none. */
  wakeAt(time: number): void {
    if (time >= this.alarmAt) return;
    this.alarmAt = time;
    this.look();
  }

  /** Cancels the alarm. */
  rest(): void {
    this.counted = this.now();
    this.countedAt = this.clock.monotonic();
    this.part = this.alarmAt = Infinity;
    this.timer?.cancel();
  }

  close(): void {
    this.isClosed = true;
    this.timer?.cancel();
  }

  private readonly look = (): void => {
    this.timer?.cancel();
    this.counted = this.now();
    this.countedAt = this.clock.monotonic();
    const left = this.alarmAt - this.counted;
    // The nearer the alarm, the shorter the part that a block can take from the wait.
    const part = Math.min(Math.max(left / 4, SHORTEST_LOOK), LONGEST_LOOK, left);
    this.part = left > 0 ? Math.ceil(part) : Infinity;
    if (left > 0) this.timer = this.clock.after(this.part, this.look);
    else setImmediate(this.ring);
  };

  private readonly ring = (): void => {
    this.alarmAt = Infinity;
    if (!this.isClosed) this.onAlarm();
  };
}

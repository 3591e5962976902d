import {
  MAX_TAKEN,
  type ScheduleStore,
  type ScheduleWatch,
  type StoredSchedule,
} from '../drivers/queue-schedules.interface.js';
import { QueueClosedError, QueueConnectionError } from '../queue.errors.js';
import type { Clock, Timer } from '../support/clock.js';
import { errorMessage, toError } from '../support/error-text.js';
import type { QueueLogger } from '../support/queue-logger.js';
import { idOf, jobOf } from './schedule-jobs.js';
import { parse, StoredSchedules } from './stored-schedules.js';
import { fire } from './transitions.js';

/** The longest wait until the next look, in milliseconds, while there are schedules: it makes up for a notice that got lost. */
const LONGEST_WAIT = 60_000;
/** The pause after a look that failed, in milliseconds. */
const RETRY_PAUSE = 1_000;

/**
 * Fires schedules while a worker runs:
 *
 * 1. waits for the next time of all schedules with one timer, or for the notice that something is due earlier;
 * 2. takes the schedules that are due;
 * 3. changes each of them to its next time, together with the jobs that it pushes. Of several processes one succeeds.
 *
 * Without schedules it has no timer.
 */
export class ScheduleRunner {
  private readonly stored: StoredSchedules;
  private timer: Timer | undefined;
  private watch: ScheduleWatch | undefined;
  private isLooking = false;
  private isStale = false;
  private isStopped = false;
  /** The schedules that could not be fired, with their states: each is told once. */
  private readonly told = new Map<string, string>();

  constructor(
    private readonly driver: { readonly schedules: ScheduleStore },
    private readonly clock: Clock,
    private readonly logger: QueueLogger,
  ) {
    this.stored = new StoredSchedules(driver);
  }

  start(): void {
    this.watch = this.driver.schedules.watch(this.look);
    this.look();
  }

  /** Stops. A second call does nothing. */
  stop(): void {
    this.isStopped = true;
    this.timer?.cancel();
    this.watch?.close();
  }

  /**
   * Fires what is due.
   *
   * @returns the milliseconds until the next look; `undefined` if nothing is to come
   * @throws QueueConnectionError
   */
  async runOnce(): Promise<number | undefined> {
    for (;;) {
      const { now, due, next, hasMore } = await this.driver.schedules.take(MAX_TAKEN);
      await Promise.all(due.map((schedule) => this.fire(schedule, now)));
      // The schedules have other times now.
      if (due.length === 0 && !hasMore) return next === undefined ? undefined : Math.max(next - now, 0);
    }
  }

  /** Fires what is due. If the storage is away, a later look makes up for it. */
  async fireDue(): Promise<void> {
    try {
      await this.runOnce();
    } catch (error) {
      this.report(error);
    }
  }

  private readonly look = (): void => {
    this.isStale = true;
    if (this.isLooking || this.isStopped) return;
    this.isLooking = true;
    void this.lookOn();
  };

  private async lookOn(): Promise<void> {
    let wait: number | undefined;
    while (this.isStale && !this.isStopped) {
      this.isStale = false;
      this.timer?.cancel();
      try {
        wait = await this.runOnce();
      } catch (error) {
        this.report(error);
        wait = RETRY_PAUSE;
      }
    }
    this.isLooking = false;
    if (wait !== undefined && !this.isStopped) this.timer = this.clock.after(Math.min(wait, LONGEST_WAIT), this.look);
  }

  private async fire(schedule: StoredSchedule, now: number): Promise<void> {
    const { name } = schedule;
    try {
      const known = parse(schedule);
      const { text } = known;
      if (known.state.next === undefined) return;
      const idAt = (time: number): string => idOf(name, text.queue, time);
      const { state, occurrences } = await fire(known, now, idAt, (id) => this.driver.schedules.lives(id));
      const jobs = occurrences.map(({ time, id }) => jobOf(name, text, time, id, now));
      await this.stored.fired(schedule, state, text.application, jobs);
    } catch (error) {
      if (error instanceof QueueConnectionError || error instanceof QueueClosedError) throw error;
      // Another version of the library may be able to.
      if (this.told.get(name) === schedule.state) return;
      this.told.set(name, schedule.state);
      this.logger.error(`Schedule "${name}" cannot be fired: ${errorMessage(toError(error))}`);
    }
  }

  private report(error: unknown): void {
    // The connection tells of its troubles by itself.
    if (error instanceof QueueConnectionError || error instanceof QueueClosedError) return;
    this.logger.error(`The schedules cannot be read: ${errorMessage(toError(error))}`);
  }
}

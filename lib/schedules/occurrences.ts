import { DEFAULT_TIME_ZONE, lastRuns, nextRun, readCron } from './cron.js';
import type { ScheduleText } from './schedule-codec.js';

/** An occurrence that is later than this, in milliseconds, was missed: no worker ran. */
export const MISSED_AFTER = 10_000;
/** The most missed occurrences that are made up for. */
export const MAX_CAUGHT_UP = 1_000;
/** The shortest time between two occurrences of a cron expression, in milliseconds. */
const CRON_STEP = 1_000;

/** The part of a schedule that says when it has its occurrences. */
export type Timing = Pick<ScheduleText, 'cron' | 'timeZone' | 'every' | 'startAt' | 'endAt'>;

/** The occurrences of a schedule: a function of the time, whatever became of earlier occurrences. Times in milliseconds. */
export class Occurrences {
  private readonly step: number;
  private readonly cron;

  /**
   * @param createdAt when the schedule was first set
   * @throws Error if the expression or the time zone is none
   */
  constructor(
    private readonly timing: Timing,
    private readonly createdAt: number,
  ) {
    this.cron = timing.cron === undefined ? undefined : readCron(timing.cron, timing.timeZone ?? DEFAULT_TIME_ZONE);
    this.step = timing.every ?? CRON_STEP;
  }

  /** Returns the first occurrence after a time; `undefined` if there is none. */
  after(time: number): number | undefined {
    const { startAt = -Infinity, endAt = Infinity } = this.timing;
    const from = Math.max(time, startAt - 1);
    const next = this.cron ? nextRun(this.cron, from) : this.everyAfter(from);
    return next !== undefined && next <= endAt ? next : undefined;
  }

  /**
   * Returns the occurrences of a span, both ends included. If there are more than `most`, the last ones.
   *
   * @param from an occurrence
   */
  between(from: number, to: number, most: number): number[] {
    const end = Math.min(to, this.timing.endAt ?? Infinity);
    if (this.cron) return lastRuns(this.cron, end, most).filter((time) => time >= from);
    const count = Math.min(Math.floor((end - from) / this.step) + 1, most);
    const last = from + Math.floor((end - from) / this.step) * this.step;
    return Array.from({ length: Math.max(count, 0) }, (_, index) => last - (count - 1 - index) * this.step);
  }

  /**
   * Returns the occurrences that have to have their jobs now, and the next one.
   *
   * @param next the occurrence that is due, or the first one of those that are due
   */
  due(
    next: number,
    now: number,
    catchUp: ScheduleText['catchUp'],
  ): { readonly times: number[]; readonly next?: number } {
    const following = this.after(now);
    const fresh = now - MISSED_AFTER;
    const most = catchUp === 'all' ? MAX_CAUGHT_UP : Math.ceil(MISSED_AFTER / this.step) + 1;
    // Mostly one is due.
    const second = this.after(next);
    const all = second === undefined || second > now ? [next] : this.between(next, now, most);
    const onTime = all.filter((time) => time >= fresh);
    const last = onTime.length > 0 ? onTime : all.slice(-1);
    const times = catchUp === 'all' ? all : catchUp === 'last' ? last : onTime;
    return { times, ...(following !== undefined && { next: following }) };
  }

  private everyAfter(time: number): number {
    const { step } = this;
    const { startAt } = this.timing;
    const start = startAt ?? this.createdAt;
    // Without `startAt` the first occurrence is one step after the start.
    const count = Math.max(Math.floor((time - start) / step) + 1, startAt === undefined ? 1 : 0);
    return start + count * step;
  }
}

import { STATS_UNITS, type StatsUnit } from '../drivers/queue-stats.interface.js';
import { InvalidOptionError } from '../queue.errors.js';
import { toSeconds } from '../support/duration.js';
import type { StatisticsOptions } from './queue-statistics.js';

const { minute, hour } = STATS_UNITS;
const MOST_POINTS = 10_000;

/** The points to read, in milliseconds. `from` and `to` are multiples of `step`. */
export interface StatisticsSpan {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly unit: StatsUnit;
}

/**
 * Reads the options, and widens the span so that it begins and ends with a point.
 *
 * @param now the time of the storage, in milliseconds
 * @throws InvalidOptionError
 */
export function readSpan(options: StatisticsOptions, now: number): StatisticsSpan {
  const to = options.to === undefined ? now : readDate('to', options.to);
  const from = options.from === undefined ? to - hour.length : readDate('from', options.from);
  if (from >= to) throw new InvalidOptionError('from', `a time before ${new Date(to).toISOString()}`, options.from);
  const isRecent = from >= now - minute.keptFor - minute.length;
  const step = options.step === undefined ? (isRecent ? minute : hour).length : readStep(options.step);
  const unit = step % hour.length === 0 ? 'hour' : 'minute';
  if (unit === 'minute' && !isRecent) {
    throw new InvalidOptionError('step', 'a whole number of hours, as "from" is more than 24 hours ago', options.step);
  }
  const span = { from: Math.floor(from / step) * step, to: Math.ceil(to / step) * step, step, unit } as const;
  if ((span.to - span.from) / step <= MOST_POINTS) return span;
  throw new InvalidOptionError('step', `a step that makes at most ${MOST_POINTS} points`, options.step);
}

function readDate(option: string, value: unknown): number {
  if (value instanceof Date && Number.isFinite(value.getTime())) return value.getTime();
  throw new InvalidOptionError(option, 'a valid Date', value);
}

function readStep(value: unknown): number {
  const milliseconds = Math.round((toSeconds(value) ?? 0) * 1000);
  if (milliseconds > 0 && milliseconds % minute.length === 0) return milliseconds;
  throw new InvalidOptionError('step', 'a duration of whole minutes, such as "5m"', value);
}

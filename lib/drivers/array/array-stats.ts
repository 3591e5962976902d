import type { Clock } from '../../support/clock.js';
import { countersOf, STATS_UNITS, type StatsPeriod, type StatsUnit } from '../queue-stats.interface.js';
import type { Settlement } from '../queue-driver.interface.js';

/** The statistics of one queue. */
export class ArrayStats {
  /** The counters by the number of their period, the oldest one first. */
  private readonly periods: Readonly<Record<StatsUnit, Map<number, number[]>>> = { minute: new Map(), hour: new Map() };

  constructor(private readonly clock: Clock) {}

  /** Counts a settlement that was not refused. */
  count({ kind, sample }: Settlement): void {
    if (sample === undefined || kind === 'release' || kind === 'cancel') return;
    const counters = countersOf(kind, sample);
    for (const unit of ['minute', 'hour'] as const) {
      const period = this.periodOf(unit);
      for (const counter of counters) {
        while (period.length <= counter) period.push(0);
        period[counter]!++;
      }
    }
  }

  read(unit: StatsUnit, from: number, to: number): StatsPeriod[] {
    this.forgetOld(unit);
    const { length } = STATS_UNITS[unit];
    return [...this.periods[unit]]
      .map(([number, counters]) => ({ start: number * length, counters: [...counters] }))
      .filter(({ start }) => start >= from && start < to)
      .sort((a, b) => a.start - b.start);
  }

  clear(): void {
    this.periods.minute.clear();
    this.periods.hour.clear();
  }

  private periodOf(unit: StatsUnit): number[] {
    const number = Math.floor(this.clock.now() / STATS_UNITS[unit].length);
    let period = this.periods[unit].get(number);
    if (!period) {
      period = [];
      this.periods[unit].set(number, period);
      this.forgetOld(unit);
    }
    return period;
  }

  private forgetOld(unit: StatsUnit): void {
    const { length, keptFor } = STATS_UNITS[unit];
    for (const number of this.periods[unit].keys()) {
      if ((number + 1) * length + keptFor > this.clock.now()) return;
      this.periods[unit].delete(number);
    }
  }
}

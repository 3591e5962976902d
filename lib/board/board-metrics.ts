import type {
  MetricsHistoryPoint,
  MetricsHistoryProvider,
  MetricsHistoryQuery,
  MetricsLatencyPoint,
  MetricsLatencyQuery,
  MetricsType,
  QueueMetrics,
} from '@bull-board/api/typings/app';
import type { QueueAdmin } from '../admin/queue-admin.js';
import type { QueueStatistics, StatisticsCounts } from '../stats/queue-statistics.js';
import type { BoardReads } from './board-reads.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Hours are kept for so long. */
const KEPT = 90 * DAY;
/** How long statistics are kept, in milliseconds: of the last hour, which pages ask for every few seconds, and of days. */
const KEEP_HOUR = 20_000;
const KEEP_DAYS = 60_000;

/** Gives the statistics of the library to the charts of bull-board. */
export class BoardMetrics implements MetricsHistoryProvider {
  constructor(
    private readonly admin: Pick<QueueAdmin, 'stats'>,
    private readonly reads: Pick<BoardReads, 'shared'>,
  ) {}

  /** Tells how many jobs ended in each minute of the last hour. */
  async ofLastHour(queue: string, type: MetricsType): Promise<QueueMetrics> {
    const { points } = await this.reads.shared(`hour ${queue}`, KEEP_HOUR, () => this.admin.stats(queue));
    const counts = points.map((point) => point[type]);
    const last = points.at(-1);
    // The minute under way is not among the data: it is the difference between the count and their sum.
    const prevCount = counts.slice(0, -1).reduce((sum, count) => sum + count, 0);
    const count = prevCount + (counts.at(-1) ?? 0);
    const data = counts.slice(0, -1).toReversed();
    return { meta: { count, prevTS: last?.time.getTime() ?? 0, prevCount }, data, count: data.length };
  }

  async getHistory({ queue, metric, from, to, granularity }: MetricsHistoryQuery): Promise<MetricsHistoryPoint[]> {
    // Only the age of now is known.
    if (metric === 'queueage') return [];
    const { points } = await this.read(queue, from, to, granularity === 'hour' ? HOUR : DAY);
    return points.map((point) => ({ ts: point.time.getTime(), value: point[metric] }));
  }

  async getLatency(query: MetricsLatencyQuery): Promise<MetricsLatencyPoint[]> {
    const { queue, metric, from, to, granularity, percentiles } = query;
    const statistics = await this.read(queue, from, to, granularity === 'day' ? DAY : HOUR);
    const pointOf = (ts: number, counts: StatisticsCounts): MetricsLatencyPoint[] => {
      const times = metric === 'runtime' ? counts.run : counts.wait;
      if (!times) return [];
      const known: Readonly<Record<string, number>> = { 50: times.p50, 95: times.p95, 99: times.p99 };
      const values = percentiles.flatMap((each) => (known[each] === undefined ? [] : [[String(each), known[each]]]));
      const count = counts.completed + counts.failed + counts.retried;
      return [{ ts, count, values: Object.fromEntries(values) as Record<string, number> }];
    };
    if (granularity === 'range') return pointOf(statistics.from.getTime(), statistics.total);
    return statistics.points.flatMap((point) => pointOf(point.time.getTime(), point));
  }

  private read(queue: string | undefined, from: number, to: number, step: number): Promise<QueueStatistics> {
    const end = Math.ceil(Math.min(to, Date.now()) / step) * step;
    const start = Math.min(Math.floor(Math.max(from, end - KEPT) / step) * step, end - step);
    const options = { from: new Date(start), to: new Date(end), step: step / 1000 };
    const key = `statistics ${JSON.stringify([queue, start, end, step])}`;
    return this.reads.shared(key, KEEP_DAYS, () => this.admin.stats(queue, options));
  }
}

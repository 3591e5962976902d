import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import {
  COUNTED_KINDS,
  runCounter,
  waitCounter,
  type QueueLook,
  type StatsPeriod,
} from '../drivers/queue-stats.interface.js';
import { assertQueueName } from '../job/queue-name.js';
import { each } from '../support/slices.js';
import { BUCKET_ENDS, percentileOf } from './buckets.js';
import { ageOfOldest } from './oldest-ready.js';
import type { Percentiles, QueueStatistics, StatisticsCounts, StatisticsOptions } from './queue-statistics.js';
import { readSpan, type StatisticsSpan } from './statistics-span.js';

/** The most queues that are read at the same time. */
const AT_ONCE = 16;

/** Reads statistics of one queue or of all queues. */
export class StatisticsReader {
  constructor(private readonly driver: Pick<QueueDriver, 'stats' | 'queues'>) {}

  /**
   * @param queue the queue. Default: all queues together
   * @throws InvalidOptionError, InvalidQueueNameError
   */
  async read(queue?: string, options: StatisticsOptions = {}): Promise<QueueStatistics> {
    if (queue !== undefined) assertQueueName(queue);
    const { stats } = this.driver;
    const queues = queue === undefined ? await this.driver.queues() : [queue];
    // The clock of a storage does not depend on the queue.
    const looks = await each(queues.length > 0 ? queues : ['default'], AT_ONCE, (name) => stats.look(name));
    const span = readSpan(options, looks[0]!.now);
    const periods = await each(queues, AT_ONCE, (name) => stats.read(name, span.unit, span.from, span.to));
    return toStatistics(span, periods.flat(), looks);
  }
}

function toStatistics(
  { from, to, step }: StatisticsSpan,
  periods: readonly StatsPeriod[],
  looks: readonly QueueLook[],
): QueueStatistics {
  const sums = Array.from({ length: (to - from) / step }, () => new Sums());
  const total = new Sums();
  for (const { start, counters } of periods) {
    sums[Math.floor((start - from) / step)]?.add(counters);
    total.add(counters);
  }
  const ages = looks.flatMap((look) => ageOfOldest(look) ?? []);
  return {
    from: new Date(from),
    to: new Date(to),
    step: step / 1000,
    total: total.counts(),
    points: sums.map((sum, index) => Object.assign({ time: new Date(from + index * step) }, sum.counts())),
    oldestReadyAge: ages.length > 0 ? Math.max(...ages) / 1000 : null,
  };
}

/** Adds up the counters of periods. */
class Sums {
  private readonly sums: number[] = [];

  add(counters: readonly number[]): void {
    for (const [counter, count] of counters.entries()) this.sums[counter] = (this.sums[counter] ?? 0) + count;
  }

  counts(): StatisticsCounts {
    const [completed = 0, failed = 0, retried = 0] = this.sums;
    return { completed, failed, retried, run: this.percentiles(runCounter), wait: this.percentiles(waitCounter) };
  }

  private percentiles(counterOf: (bucket: number) => number): Percentiles | null {
    if (this.sums.length <= COUNTED_KINDS.length) return null;
    const counts = Array.from({ length: BUCKET_ENDS.length + 1 }, (_, i) => this.sums[counterOf(i + 1)] ?? 0);
    const p50 = percentileOf(counts, 0.5);
    if (p50 === null) return null;
    return { p50, p95: percentileOf(counts, 0.95)!, p99: percentileOf(counts, 0.99)! };
  }
}

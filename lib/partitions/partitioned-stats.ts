import type { QueueLook, QueueStats, StatsPeriod, StatsUnit } from '../drivers/queue-stats.interface.js';
import { askAll } from './fan-out.js';
import type { PartitionMap } from './partition-map.js';

/** Adds up the statistics of the partitions of a queue, bucket by bucket. */
export class PartitionedStats implements QueueStats {
  constructor(
    private readonly inner: QueueStats,
    private readonly map: PartitionMap,
  ) {}

  async read(queue: string, unit: StatsUnit, from: number, to: number): Promise<StatsPeriod[]> {
    const all = await askAll(this.map, queue, (stored) => this.inner.read(stored, unit, from, to));
    const sums = new Map<number, number[]>();
    for (const { start, counters } of all.flat()) {
      const sum = sums.get(start) ?? [];
      for (const [counter, count] of counters.entries()) sum[counter] = (sum[counter] ?? 0) + count;
      sums.set(start, sum);
    }
    return [...sums].sort(([a], [b]) => a - b).map(([start, counters]) => ({ start, counters }));
  }

  async look(queue: string): Promise<QueueLook> {
    const looks = await askAll(this.map, queue, (stored) => this.inner.look(stored));
    return { now: Math.max(...looks.map(({ now }) => now)), ready: looks.flatMap(({ ready }) => ready) };
  }
}

import type { QueuePause, QueuePauses } from '../drivers/queue-pauses.interface.js';
import { askAll, latestOf } from './fan-out.js';
import type { PartitionMap } from './partition-map.js';

/** Pauses all partitions of a queue. */
export class PartitionedPauses implements QueuePauses {
  constructor(
    private readonly inner: QueuePauses,
    private readonly map: PartitionMap,
  ) {}

  async pause(queue: string, milliseconds: number | null): Promise<void> {
    await askAll(this.map, queue, (stored) => this.inner.pause(stored, milliseconds));
  }

  async resume(queue: string): Promise<void> {
    await askAll(this.map, queue, (stored) => this.inner.resume(stored));
  }

  async read(queue: string): Promise<QueuePause | null> {
    const pauses = (await askAll(this.map, queue, (stored) => this.inner.read(stored))).filter(
      (pause) => pause !== null,
    );
    if (pauses.length === 0) return null;
    const ends = pauses.map(({ until }) => until);
    return { until: ends.includes(null) ? null : latestOf(ends) };
  }
}

import type {
  Cancellation,
  CancelledSome,
  LivePage,
  LivePageRequest,
  QueueCancellations,
} from '../drivers/queue-cancellations.interface.js';
import { askAll, sumOf } from './fan-out.js';
import type { PartitionMap } from './partition-map.js';

/** Cancels jobs in whatever partition they are. */
export class PartitionedCancellations implements QueueCancellations {
  constructor(
    private readonly inner: QueueCancellations,
    private readonly map: PartitionMap,
  ) {}

  async cancel(id: string, reason?: string): Promise<Cancellation | null> {
    return this.inner.cancel(id, reason);
  }

  /** Goes through the partitions one after the other. The cursor is the stored queue, and the cursor there. */
  async live(queue: string, request: LivePageRequest): Promise<LivePage> {
    const { cursor = '' } = request;
    const all = await this.map.read(queue);
    const end = cursor.indexOf(' ');
    const at = end === -1 ? 0 : all.indexOf(cursor.slice(0, end));
    const inside = cursor.slice(end + 1);
    // A partition that is gone has no jobs.
    const stored = all[Math.max(at, 0)]!;
    const page = await this.inner.live(stored, { ...request, cursor: inside === '' || at === -1 ? undefined : inside });
    const next = page.cursor === undefined ? all[all.indexOf(stored) + 1] : stored;
    const { jobs, pushedBy } = page;
    return { jobs, pushedBy, ...(next !== undefined && { cursor: `${next} ${page.cursor ?? ''}` }) };
  }

  async cancelSome(queue: string, ids: readonly string[], pushedBy: number, reason?: string): Promise<CancelledSome> {
    const all = await askAll(this.map, queue, (stored) => this.inner.cancelSome(stored, ids, pushedBy, reason));
    return { ended: all.flatMap(({ ended }) => ended), told: sumOf(all.map(({ told }) => told)) };
  }
}

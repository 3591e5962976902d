import type {
  ListCursor,
  ListPage,
  ListPlace,
  ListRequest,
  QueueLists,
  QueueOverview,
  StoredJob,
} from '../drivers/queue-lists.interface.js';
import { priorityInHeader } from '../job/job-record.js';
import type { ListedState } from '../job/job-status.js';
import { partitionOf } from '../job/stored-queue.js';
import { sumOfShares } from '../options/limit-shares.js';
import { askAll, latestOf, sumCounts, sumOf, withQueue } from './fan-out.js';
import { walkMerged } from './merged-walk.js';
import type { PartitionMap } from './partition-map.js';
import { InvalidOptionError } from '../queue.errors.js';

/** Lists the jobs of all partitions of a queue as one list, in the order of its place. */
export class PartitionedLists implements QueueLists {
  constructor(
    private readonly inner: QueueLists,
    private readonly map: PartitionMap,
  ) {}

  async page(queue: string, request: ListRequest): Promise<ListPage> {
    const { place, order, limit, skip } = request;
    const stored = await this.map.read(queue);
    if (stored.length === 1) return toQueue(await this.inner.page(stored[0]!, request));
    const rankOf = RANKS[place];
    const side = order === 'oldest' ? 1 : -1;
    const merged = await walkMerged<StoredJob>(
      {
        stored,
        read: async (each, from, most) => {
          const cursor = from === undefined ? undefined : readCursor(from);
          const page = await this.inner.page(each, { ...request, limit: most, skip: 0, cursor });
          return { items: page.jobs, ...(page.cursor && { cursor: JSON.stringify(page.cursor) }) };
        },
        idOf: ({ id }) => id,
        compare: (a, b) => side * compareRanks([...rankOf(a), a.id], [...rankOf(b), b.id]),
      },
      limit,
      skip,
      request.cursor,
    );
    return toQueue({ jobs: merged.items, skipped: merged.skipped, cursor: merged.cursor });
  }

  async total(queue: string, states: readonly ListedState[]): Promise<number | undefined> {
    const totals = await askAll(this.map, queue, (stored) => this.inner.total(stored, states));
    return totals.every((total) => total !== undefined) ? sumOf(totals) : undefined;
  }

  async find(id: string, queues: readonly string[]): Promise<StoredJob | null> {
    const all = new Set(queues.flatMap((queue) => this.map.likely(queue, id)));
    const job = await this.inner.find(id, [...all]);
    return job && withQueue(job);
  }

  async consumers(queue: string): Promise<number> {
    // A worker has one in each partition.
    return Math.max(...(await askAll(this.map, queue, (stored) => this.inner.consumers(stored))));
  }

  async overview(queue: string): Promise<QueueOverview> {
    const all = await askAll(this.map, queue, (stored) => this.inner.overview(stored));
    return {
      ...sumCounts(all),
      ended: sumOf(all.map(({ ended }) => ended)),
      isPaused: all.some(({ isPaused }) => isPaused),
      heldUntil: latestOf(all.map(({ heldUntil }) => heldUntil)),
      limits: sumOfShares(all.map(({ limits }) => limits)),
      now: Math.max(...all.map(({ now }) => now)),
    };
  }
}

type Rank = readonly (number | string)[];

/** What the jobs of a place are ordered by. */
const RANKS: Readonly<Record<ListPlace, (job: StoredJob) => Rank>> = {
  claimed: ({ startedAt = 0 }) => [startedAt],
  recovered: ({ pushedAt }) => [pushedAt],
  prioritized: ({ body, pushedAt }) => [-priorityInHeader(body.slice(0, body.indexOf('\n') + 1)), pushedAt],
  ready: ({ pushedAt }) => [pushedAt],
  // Group by group, and a group is in one partition.
  grouped: ({ queue }) => [partitionOf(queue)],
  delayed: ({ availableAt = 0 }) => [availableAt],
  failed: ({ endedAt = 0 }) => [endedAt],
  ended: ({ endedAt = 0 }) => [endedAt],
};

function compareRanks(a: Rank, b: Rank): number {
  for (const [index, value] of a.entries()) {
    const other = b[index]!;
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
}

function toQueue({ jobs, ...page }: ListPage): ListPage {
  return { ...page, jobs: jobs.map(withQueue) };
}

function readCursor(text: string): ListCursor {
  try {
    const cursor: unknown = JSON.parse(text);
    if (Array.isArray(cursor) && cursor.every((part) => typeof part === 'string')) return cursor;
  } catch {
    // It is refused below.
  }
  throw new InvalidOptionError('jobs.cursor', 'the cursor of another page of this list', text);
}

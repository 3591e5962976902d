import type { QueueLists } from '../drivers/queue-lists.interface.js';
import type { FailedJob, FailedPage, FailedPageRequest, QueueMending } from '../drivers/queue-mending.interface.js';
import type { JobState } from '../job/job-status.js';
import { groupInHeader } from '../job/job-record.js';
import { queueOf } from '../job/stored-queue.js';
import { InvalidOptionError } from '../queue.errors.js';
import { grouped } from '../support/grouped.js';
import { each } from '../support/slices.js';
import { askAll, sumAll, sumOf } from './fan-out.js';
import { walkMerged } from './merged-walk.js';
import type { PartitionMap } from './partition-map.js';

/** The number of jobs whose groups are read at once. */
const READ_AT_ONCE = 16;

/** Changes jobs for an operator, in whatever partition they are: a partition leaves the jobs alone that it does not have. */
export class PartitionedMending implements QueueMending {
  constructor(
    private readonly inner: QueueMending,
    private readonly lists: Pick<QueueLists, 'find'>,
    private readonly map: PartitionMap,
    /** Returns how many jobs of a stored queue run. */
    private readonly runningIn: (stored: string) => Promise<number>,
  ) {}

  async queuesOf(ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const found = [...(await this.inner.queuesOf(ids))];
    const byQueue = grouped(found, ([stored]) => queueOf(stored));
    return new Map(
      [...byQueue].map(([queue, parts]) => {
        const own = new Set(parts.flatMap(([, some]) => some));
        return [queue, [...new Set(ids)].filter((id) => own.has(id))];
      }),
    );
  }

  async failed(queue: string, request: FailedPageRequest): Promise<FailedPage> {
    const { limit, cursor, headers } = request;
    const stored = await this.map.read(queue);
    if (stored.length === 1) return this.inner.failed(stored[0]!, request);
    let now = 0;
    const merged = await walkMerged<FailedJob>(
      {
        stored,
        read: async (name, from, most) => {
          const page = await this.inner.failed(name, {
            limit: most,
            headers,
            ...(from !== undefined && { cursor: from }),
          });
          now = Math.max(now, page.now);
          return { items: page.jobs, ...(page.cursor !== undefined && { cursor: page.cursor }) };
        },
        idOf: ({ id }) => id,
        compare: (a, b) => a.failedAt - b.failedAt,
      },
      limit,
      0,
      cursor === undefined ? undefined : readCursor(cursor),
    );
    return { jobs: merged.items, now, ...(merged.cursor && { cursor: JSON.stringify(merged.cursor) }) };
  }

  async retry(queue: string, ids: readonly string[]): Promise<number> {
    return sumAll(this.map, queue, (stored) => this.inner.retry(stored, ids));
  }

  async move(queue: string, ids: readonly string[], target: string): Promise<number> {
    if (!this.map.isPartitioned(target)) {
      return sumAll(this.map, queue, (stored) => this.inner.move(stored, ids, target));
    }
    const moved = await askAll(this.map, queue, async (stored) => {
      const byTarget = grouped(await this.placesOf(stored, ids, target), ([place]) => place);
      let count = 0;
      for (const [place, jobs] of byTarget) {
        const own = jobs.map(([, id]) => id);
        count += await this.inner.move(stored, own, place);
      }
      return count;
    });
    return sumOf(moved);
  }

  async remove(queue: string, ids: readonly string[], only?: readonly JobState[]): Promise<number> {
    return sumAll(this.map, queue, (stored) => this.inner.remove(stored, ids, only));
  }

  async completed(queue: string): Promise<string[]> {
    return (await askAll(this.map, queue, (stored) => this.inner.completed(stored))).flat();
  }

  async promote(queue: string, id: string): Promise<boolean> {
    return (await askAll(this.map, queue, (stored) => this.inner.promote(stored, id))).includes(true);
  }

  async reschedule(queue: string, id: string, delay: number): Promise<boolean> {
    return (await askAll(this.map, queue, (stored) => this.inner.reschedule(stored, id, delay))).includes(true);
  }

  async setPriority(queue: string, id: string, priority: number): Promise<boolean> {
    return (await askAll(this.map, queue, (stored) => this.inner.setPriority(stored, id, priority))).includes(true);
  }

  async readWaiting(queue: string, id: string): Promise<string | null> {
    const bodies = await askAll(this.map, queue, (stored) => this.inner.readWaiting(stored, id));
    return bodies.find((body) => body !== null) ?? null;
  }

  async replace(queue: string, id: string, header: string, body: string): Promise<boolean> {
    const done = await askAll(this.map, queue, (stored) => this.inner.replace(stored, id, header, body));
    return done.includes(true);
  }

  /** Begins with the partitions where jobs run: as long as they do, nothing is removed. */
  async obliterate(queue: string): Promise<number> {
    const all = await this.map.read(queue);
    const running = await askAll(this.map, queue, (stored) => this.runningIn(stored));
    const isBusy = (stored: string): boolean => running[all.indexOf(stored)] !== 0;
    for (const stored of [...all.filter(isBusy), ...all.filter((other) => !isBusy(other))]) {
      const left = await this.inner.obliterate(stored);
      if (left > 0) return Math.max(left, sumOf(running));
    }
    return 0;
  }

  /** Returns the stored queue of a target where each failed job goes that a stored queue has: that of its group, else of its id. */
  private async placesOf(stored: string, ids: readonly string[], target: string): Promise<[string, string][]> {
    const jobs = await each(ids, READ_AT_ONCE, (id) => this.lists.find(id, [stored]));
    return jobs.flatMap((job): [string, string][] => {
      if (job?.state !== 'failed') return [];
      const { id, body } = job;
      const group = groupInHeader(body.slice(0, body.indexOf('\n') + 1));
      const traits = typeof group === 'string' ? { group } : undefined;
      return [[this.map.for(target, { id, traits }), id]];
    });
  }
}

function readCursor(text: string): readonly string[] {
  try {
    const cursor: unknown = JSON.parse(text);
    if (Array.isArray(cursor) && cursor.every((part) => typeof part === 'string')) return cursor;
  } catch {
    // It is refused below.
  }
  throw new InvalidOptionError('cursor', 'the cursor of another page', text);
}

import type { FailedJob } from '../drivers/queue-mending.interface.js';
import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import { nameInRecord, tagsInHeader } from '../job/job-record.js';

/** The failed jobs to look at in one go. */
const PAGE = 100;

/** Which failed jobs are meant. Times are milliseconds on the clock of the storage. */
export interface FailedFilter {
  readonly name?: string;
  readonly tag?: string;
  /** The first time that counts. */
  readonly since?: number;
  /** The first time that does not count any more. */
  readonly until?: number;
  /** The least age. */
  readonly age?: number;
}

/**
 * Walks through the failed jobs of a queue that match, by slices of ids, the one that failed first at the front. Each is met once,
 * and jobs that fail after the walk has begun are left out: else it would not end while jobs that were put back fail again.
 */
export async function* failedJobs(
  driver: QueueDriver,
  queue: string,
  filter: FailedFilter,
): AsyncGenerator<readonly string[]> {
  const headers = filter.name !== undefined || filter.tag !== undefined;
  const seen = new Set<string>();
  let begin: number | undefined;
  let cursor: string | undefined;
  do {
    const page = await driver.mending.failed(queue, { limit: PAGE, cursor, headers });
    begin ??= page.now;
    const latest = Math.min(begin - (filter.age ?? 0), (filter.until ?? Infinity) - 1);
    const ids: string[] = [];
    for (const job of page.jobs) {
      if (job.failedAt > latest || seen.has(job.id) || !matches(job, filter)) continue;
      seen.add(job.id);
      ids.push(job.id);
    }
    if (ids.length > 0) yield ids;
    ({ cursor } = page);
  } while (cursor !== undefined);
}

function matches({ failedAt, header = '' }: FailedJob, { name, tag, since = 0 }: FailedFilter): boolean {
  if (failedAt < since) return false;
  if (name !== undefined && nameInRecord(header) !== name) return false;
  return tag === undefined || tagsInHeader(header).includes(tag);
}

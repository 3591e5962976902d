import { tagsInHeader, nameInRecord } from '../../job/job-record.js';
import { InvalidOptionError } from '../../queue.errors.js';
import type { MonotonicClock } from '../../support/clock.js';
import type { ListFilter, ListPage, ListPlace, ListRequest, StoredJob } from '../queue-lists.interface.js';
import { attemptOf, listedStateOf, type ArrayJob } from './array-job.js';
import type { ArrayJobs } from './array-jobs.js';
import type { ArrayKept, EndedJob } from './array-kept.js';
import type { ArrayLease } from './array-lease.js';
import type { ArrayLimits } from './array-limits.js';
import type { ArrayWaiting } from './array-waiting.js';

/** A job in a place: its rank is compared number by number. */
interface Listed {
  readonly rank: readonly number[];
  readonly job: ArrayJob;
  readonly ended?: EndedJob;
  readonly lease?: ArrayLease;
  /** Whether it is ready, and its group or queue is at a limit. */
  readonly isBlocked?: boolean;
}

/** Lists the jobs of one queue, as `QueueLists` describes. */
export class ArrayListing {
  constructor(
    private readonly jobs: ArrayJobs,
    private readonly waiting: ArrayWaiting,
    private readonly leases: ReadonlySet<ArrayLease>,
    private readonly kept: ArrayKept,
    private readonly limits: Pick<ArrayLimits, 'free'>,
    private readonly clock: MonotonicClock,
  ) {}

  page({ place, states, order, limit, skip, cursor, filter }: ListRequest): ListPage {
    const all = this.inPlace(place).sort((a, b) => compare(a.rank, b.rank));
    if (order === 'newest') all.reverse();
    const last = cursor?.map(Number);
    if (cursor && (cursor.length === 0 || cursor.includes('') || !last!.every(Number.isFinite))) {
      throw new InvalidOptionError('jobs.cursor', 'the cursor of another page of this list', cursor.join(' '));
    }
    const found: Listed[] = [];
    let skipped = 0;
    for (const listed of all) {
      const side = last ? compare(listed.rank, last) : 1;
      if (last && (order === 'oldest' ? side <= 0 : side >= 0)) continue;
      if (!states.includes(stateOf(listed)) || !matches(listed.job, filter)) continue;
      if (skipped < skip) skipped++;
      else if (found.push(listed) > limit) break;
    }
    const jobs = found.slice(0, limit).map((listed) => this.tell(listed));
    if (found.length <= limit) return { jobs, skipped };
    return { jobs, skipped, cursor: found[limit - 1]!.rank.map(String) };
  }

  count(place: ListPlace, states: ListRequest['states']): number {
    return this.inPlace(place).filter((listed) => states.includes(stateOf(listed))).length;
  }

  /** Tells of a live job, or of a kept one. */
  find(id: string, queue: string): StoredJob | undefined {
    const job = this.jobs.find(id);
    if (job?.queue === queue) {
      const lease = [...this.leases].find(({ jobs }) => jobs.get(id) === job);
      const isReady = job.place === 'ready' || job.place === 'recovered';
      return this.tellAll({
        rank: job.place === 'delayed' ? [this.waiting.dueOf(job)] : [],
        job,
        ...(lease && { lease }),
        ...(isReady && { isBlocked: this.isShut || this.waiting.groups.isBlocked(job) }),
      });
    }
    const ended = this.kept.failed.get(id) ?? this.kept.completed.get(id);
    return ended && this.tellAll({ rank: [], job: ended.job, ended });
  }

  /** Tells of one job, with its log. */
  private tellAll(listed: Listed): StoredJob {
    const { logs } = listed.job;
    return { ...this.tell(listed), ...(logs.length > 0 && { logs: [...logs] }) };
  }

  /** True if the queue lets no job start. */
  private get isShut(): boolean {
    return this.limits.free(1) === 0;
  }

  private inPlace(place: ListPlace): Listed[] {
    const isShut = this.isShut;
    switch (place) {
      case 'claimed':
        return [...this.leases].flatMap((lease) =>
          [...lease.jobs.values()].map((job) => ({ rank: [job.fence], job, lease })),
        );
      case 'delayed':
        return this.waiting.inPlace(place).map((job) => ({ rank: [this.waiting.dueOf(job), job.turn], job }));
      case 'failed':
        return endedIn(this.kept.failed);
      case 'ended':
        return endedIn(this.kept.completed);
      case 'prioritized':
        return this.ungrouped()
          .filter((job) => this.waiting.priorityOf(job) !== 0)
          .map((job) => ({ rank: [-this.waiting.priorityOf(job), job.turn], job, isBlocked: isShut }));
      case 'ready':
        return this.ungrouped()
          .filter((job) => this.waiting.priorityOf(job) === 0)
          .map((job) => ({ rank: [job.turn], job, isBlocked: isShut }));
      case 'grouped':
        return this.waiting.inPlace('ready').flatMap((job) => {
          const number = this.waiting.groupNumberOf(job);
          if (number === undefined) return [];
          const isBlocked = isShut || this.waiting.groups.isBlocked(job);
          return [{ rank: [number, -this.waiting.groups.priorityOf(job), job.turn], job, isBlocked }];
        });
      case 'recovered':
        return this.waiting.inPlace('recovered').map((job) => ({ rank: [job.turn], job, isBlocked: isShut }));
    }
  }

  /** The ready jobs without a group. */
  private ungrouped(): ArrayJob[] {
    return this.waiting.inPlace('ready').filter((job) => this.waiting.groupNumberOf(job) === undefined);
  }

  private tell(listed: Listed): StoredJob {
    const { rank, job, ended, lease } = listed;
    const { id, queue, body, pushedAt, failures, progress, claimedAt } = job;
    const state = stateOf(listed);
    const [last] = failures;
    const status = ended ? this.jobs.statusOf(id) : null;
    const wasTried = state === 'retrying' || (state === 'blocked' && job.attempts + job.crashes > 0);
    const error = wasTried || state === 'failed' ? last?.error : ended ? status?.error : undefined;
    const due = job.place === 'delayed' && !ended ? rank[0]! : undefined;
    const startedAt =
      state === 'failed'
        ? last?.startedAt
        : lease || (ended && ended.attempt > 0 && claimedAt > 0)
          ? claimedAt
          : undefined;
    return {
      id,
      queue,
      state,
      body,
      pushedAt,
      failures: [...failures],
      attempt: ended?.attempt ?? attemptOf(job),
      ...(due !== undefined && { availableAt: this.clock.now() + due - this.clock.monotonic() }),
      ...(startedAt !== undefined && { startedAt }),
      ...(ended && { endedAt: ended.endedAt }),
      ...(lease && { consumer: lease.id }),
      ...(error !== undefined && { error }),
      ...(progress !== undefined && { progress }),
      ...(status?.result !== undefined && { result: status.result }),
    };
  }
}

function endedIn(kept: Iterable<readonly [string, EndedJob]>): Listed[] {
  return [...kept].map(([, ended]) => ({ rank: [ended.number], job: ended.job, ended }));
}

function stateOf({ job, ended, isBlocked = false }: Listed): StoredJob['state'] {
  if (ended) return ended.state;
  return isBlocked ? 'blocked' : listedStateOf(job);
}

function matches({ id, body }: ArrayJob, { name, tag, search }: ListFilter): boolean {
  if (name !== undefined && nameInRecord(body) !== name) return false;
  if (tag !== undefined && !tagsInHeader(body.split('\n', 1)[0]!).includes(tag)) return false;
  return search === undefined || id.includes(search) || body.includes(search);
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) if (value !== b[index]) return value - (b[index] ?? 0);
  return 0;
}

import type { QueueAdmin } from '../admin/queue-admin.js';
import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import type { QueueOverview } from '../drivers/queue-lists.interface.js';
import type { ListedState } from '../job/job-status.js';
import type { JobDetails } from '../lists/job-details.js';
import type { JobListOptions } from '../lists/list-options.js';
import { errorMessage, toError } from '../support/error-text.js';
import { each } from '../support/slices.js';
import type { WorkerInfo } from '../workers/worker-info.js';
import { ShortCache } from './short-cache.js';

/** How long a read is kept, in milliseconds. */
const SHORTLY = 3_000;
/** The most queues that the overview reads in a second: the more queues there are, the longer it is kept. */
const QUEUES_A_SECOND = 3;
const LONGEST = 10_000;
/** The most queues that are read at the same time. */
const AT_ONCE = 16;

/** How a queue is, as the board shows it. */
export interface BoardQueue extends QueueOverview {
  readonly name: string;
  /** Why it could not be read. */
  readonly error?: string;
}

/** The state of all queues, as the board has read it. */
export interface Board {
  readonly queues: ReadonlyMap<string, BoardQueue>;
  readonly workers: readonly WorkerInfo[];
}

const UNKNOWN: QueueOverview = {
  ready: 0,
  blocked: 0,
  delayed: 0,
  reserved: 0,
  failed: 0,
  ended: 0,
  isPaused: false,
  heldUntil: null,
  limits: {},
  now: 0,
};

/**
 * Reads for the board, whose pages ask again every few seconds:
 *
 * 1. one read of all queues and workers stands behind all pages; as much is read anew as a bounded number of commands a second can read, the rest is kept;
 * 2. the queue that a page shows is read anew;
 * 3. everything is read anew once the board has changed something.
 */
export class BoardReads {
  private readonly cache: ShortCache;
  /** The number of queues when they were read last. */
  private count = 0;

  /** @param now the milliseconds of a clock that cannot be set */
  constructor(
    private readonly driver: Pick<QueueDriver, 'queues' | 'lists'>,
    private readonly admin: Pick<QueueAdmin, 'jobs' | 'workers'>,
    now: () => number,
  ) {
    this.cache = new ShortCache(now);
  }

  /** Reads all queues. @param fresh the queue that is read anew, shortly after its last read at the earliest @throws QueueConnectionError */
  async board(fresh?: string): Promise<Board> {
    const keep = Math.min(Math.max((this.count / QUEUES_A_SECOND) * 1000, SHORTLY), LONGEST);
    const board = await this.cache.read('board', keep, () => this.readAll());
    if (fresh === undefined || !board.queues.has(fresh)) return board;
    const queue = await this.cache.read(`queue ${fresh}`, SHORTLY, () => this.readQueue(fresh));
    return { ...board, queues: new Map(board.queues).set(fresh, queue) };
  }

  /** Reads a page of jobs. @throws as `QueueAdmin.jobs` does */
  async jobs(queue: string, states: readonly ListedState[], options: JobListOptions): Promise<readonly JobDetails[]> {
    const key = `jobs ${JSON.stringify([queue, states, options])}`;
    return this.cache.read(key, SHORTLY, async () => (await this.admin.jobs(queue, states, options)).jobs);
  }

  /** Shares any other read. */
  shared<T>(key: string, keep: number, read: () => Promise<T>): Promise<T> {
    return this.cache.read(`shared ${key}`, keep, read);
  }

  /** The board has changed something. */
  changed(): void {
    this.cache.clear();
  }

  private async readAll(): Promise<Board> {
    const names = await this.driver.queues();
    this.count = names.length;
    const [queues, workers] = await Promise.all([
      each(names, AT_ONCE, (name) => this.readQueue(name)),
      this.admin.workers(),
    ]);
    return { queues: new Map(queues.map((queue) => [queue.name, queue])), workers };
  }

  /** A queue that cannot be read does not keep the others from being shown. */
  private async readQueue(name: string): Promise<BoardQueue> {
    try {
      return { name, ...(await this.driver.lists.overview(name)) };
    } catch (error) {
      return { name, ...UNKNOWN, error: errorMessage(toError(error)) };
    }
  }
}

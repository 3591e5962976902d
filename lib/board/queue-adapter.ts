import { BaseAdapter } from '@bull-board/api/dist/queueAdapters/base.js';
import type {
  AppJobScheduler,
  ExternalJobUrl,
  JobSchedulerUpdateResult,
  JobStatus,
  MetricsType,
  QueueJob,
  QueueJobJson,
  QueueJobOptions,
  QueueMetrics,
  QueueRateLimit,
  QueueWorker,
  Status,
} from '@bull-board/api/typings/app';
import type { QueueAdmin } from '../admin/queue-admin.js';
import type { QueueManager } from '../dispatch/queue.manager.js';
import { InvalidJobIdError, InvalidOptionError, QueueBusyError } from '../queue.errors.js';
import { BoardJob, type JobActions } from './board-job.js';
import type { BoardMetrics } from './board-metrics.js';
import type { Board, BoardQueue, BoardReads } from './board-reads.js';
import { changeLimits, promoteAll } from './queue-actions.js';
import { readNewJobOptions } from './new-job-options.js';
import { BOARD_STATES, boardState, isBoardState, linkOf, STATES_OF, type BoardState } from './job-json.js';

/** The most jobs of one page, and the last one that a page can reach: see `QueueAdmin.jobs`. */
const MOST = 500;
const LAST = 10_000;
/** The states of the jobs that `clean` removes: a blocked job is a queued one there. */
const CLEARED = {
  waiting: ['queued'],
  delayed: ['delayed', 'retrying'],
  completed: ['completed', 'cancelled'],
  failed: ['failed'],
} as const;
/** The answer that bull-board takes for the refusal to remove a queue whose jobs run. */
const HAS_ACTIVE_JOBS = 'Cannot obliterate queue with active jobs';

type BoardCounts = Record<BoardState, number>;

export interface AdapterParts {
  readonly admin: QueueAdmin;
  readonly manager: QueueManager;
  readonly reads: BoardReads;
  readonly metrics: BoardMetrics;
  /** True if nothing may be changed. Default: false. */
  readonly readOnly?: boolean;
}

/**
 * A queue as bull-board sees it. It says that it is a queue of BullMQ: only then bull-board offers limits.
 *
 * Each method of the base class is written here: a new version may add others, and none of them may ask for BullMQ.
 */
export class QueueAdapter extends BaseAdapter {
  /** The result of the last read. */
  board: Board = { queues: new Map(), workers: [] };
  private readonly actions: JobActions;

  constructor(
    private readonly queueName: string,
    private readonly parts: AdapterParts,
  ) {
    const { admin, reads, readOnly = false } = parts;
    const externalJobUrl = (job: QueueJobJson): ExternalJobUrl => linkOf(job, readOnly);
    super('bullmq', { allowCompletedRetries: false, readOnlyMode: readOnly, externalJobUrl });
    this.actions = { admin, changed: () => reads.changed() };
  }

  private get now(): BoardQueue | undefined {
    return this.board.queues.get(this.queueName);
  }

  getName(): string {
    return this.queueName;
  }

  /** For its graphs bull-board asks by this name. */
  getQueueName(): string {
    return this.queueName;
  }

  getQueueQualifiedName(): string {
    return this.queueName;
  }

  /** The graphs of chains and workflows have a page of their own. */
  async getFlowProducer(): Promise<null> {
    return null;
  }

  override getDescription(): string {
    const { error, heldUntil } = this.now ?? {};
    if (error !== undefined) return `Not readable: ${error}`;
    return heldUntil ? `Held back until ${new Date(heldUntil).toISOString()}` : '';
  }

  override getDisplayName(): string {
    return this.queueName;
  }

  override getJobDataSchema(): undefined {
    return undefined;
  }

  getStatuses(): Status[] {
    return ['latest', ...BOARD_STATES];
  }

  getJobStatuses(): JobStatus[] {
    return [...BOARD_STATES];
  }

  async getJobCounts(): Promise<BoardCounts> {
    const { ready = 0, blocked = 0, delayed = 0, reserved = 0, failed = 0, ended = 0 } = this.now ?? {};
    return { active: reserved, waiting: ready + blocked, completed: ended, failed, delayed };
  }

  async getJobs(statuses: JobStatus[], start = 0, end = MOST - 1): Promise<QueueJob[]> {
    const counts = await this.getJobCounts();
    const lists = statuses.filter(isBoardState).map(async (status) => {
      // A list may go on with jobs of another place, which bull-board shows elsewhere.
      const limit = Math.min(end - start + 1, counts[status] - start, LAST - start, MOST);
      if (limit < 1) return [];
      const order = status === 'delayed' ? ({ order: 'newest' } as const) : {};
      const options = { offset: start, limit, ...order };
      const jobs = await this.parts.reads.jobs(this.queueName, STATES_OF[status], options);
      return jobs.filter((job) => boardState(job) === status);
    });
    return (await Promise.all(lists)).flat().map((job) => new BoardJob(job, this.actions));
  }

  async getJob(id: string): Promise<QueueJob | null> {
    try {
      const job = await this.parts.admin.job(id);
      return job?.queue === this.queueName ? new BoardJob(job, this.actions) : null;
    } catch (error) {
      if (error instanceof InvalidJobIdError) return null;
      throw error;
    }
  }

  async getJobLogs(id: string): Promise<string[]> {
    const job = await this.parts.admin.job(id);
    return job?.queue === this.queueName ? [...(job.logs ?? [])] : [];
  }

  async getMetrics(type: MetricsType): Promise<QueueMetrics> {
    return this.parts.metrics.ofLastHour(this.queueName, type);
  }

  override async getWorkers(): Promise<QueueWorker[]> {
    const { workers } = this.board;
    return workers
      .filter(({ queues }) => queues.includes(this.queueName))
      .map(({ id, host, pid, busy, concurrency, startedAt }) => ({
        id,
        name: `${busy} of ${concurrency} busy`,
        addr: `${host}:${pid}`,
        age: Math.max(Math.round((Date.now() - startedAt.getTime()) / 1000), 0),
      }));
  }

  async isPaused(): Promise<boolean> {
    return this.now?.isPaused ?? false;
  }

  async pause(): Promise<void> {
    await this.change(({ admin }) => admin.pause(this.queueName));
  }

  async resume(): Promise<void> {
    await this.change(({ admin }) => admin.resume(this.queueName));
  }

  /** Adds a job by its name. @throws as `QueueManager.push` does; InvalidOptionError for an option that no push has */
  async addJob(name: string, data: unknown, options: QueueJobOptions): Promise<QueueJob> {
    const to = { queue: this.queueName, ...readNewJobOptions(options) };
    const { id } = await this.change(({ manager }) => manager.dispatch(name, data, to));
    const job = await this.parts.admin.job(id);
    if (job) return new BoardJob(job, this.actions);
    throw new InvalidOptionError('job', 'a job that stays until it is shown', id);
  }

  /** Removes the jobs of a status. */
  async clean(status: string): Promise<void> {
    const name = status === 'wait' ? 'waiting' : status;
    if (!isBoardState(name) || name === 'active') {
      throw new InvalidOptionError('status', 'waiting, delayed, completed or failed', status);
    }
    await this.change(({ admin }) => admin.clear(this.queueName, { states: CLEARED[name] }));
  }

  async empty(): Promise<void> {
    await this.change(({ admin }) => admin.clear(this.queueName));
  }

  async obliterate(): Promise<void> {
    try {
      await this.change(({ admin }) => admin.obliterate(this.queueName));
    } catch (error) {
      if (error instanceof QueueBusyError) throw new Error(HAS_ACTIVE_JOBS, { cause: error });
      throw error;
    }
  }

  async promoteAll(): Promise<void> {
    await this.change(({ admin }) => promoteAll(admin, this.queueName));
  }

  async getGlobalConcurrency(): Promise<number | null> {
    return this.now?.limits.concurrency ?? null;
  }

  async setGlobalConcurrency(concurrency: number): Promise<void> {
    await this.change(({ admin }) => changeLimits(admin, this.queueName, { concurrency: concurrency || undefined }));
  }

  override get supportsGlobalRateLimit(): boolean {
    return true;
  }

  override async getConfiguredRateLimit(): Promise<QueueRateLimit | null> {
    const { rateLimit } = this.now?.limits ?? {};
    return rateLimit ? { max: rateLimit.max, duration: Math.round(rateLimit.per * 1000) } : null;
  }

  override async setConfiguredRateLimit({ max, duration }: QueueRateLimit): Promise<void> {
    const rateLimit = { max, per: duration / 1000 };
    await this.change(({ admin }) => changeLimits(admin, this.queueName, { rateLimit }));
  }

  override async removeConfiguredRateLimit(): Promise<void> {
    await this.change(({ admin }) => changeLimits(admin, this.queueName, { rateLimit: undefined }));
  }

  /** A queue that is held back looks to bull-board like one that is at its rate limit. */
  override async getActiveRateLimitTtl(): Promise<number> {
    const { heldUntil = null, now = 0 } = this.now ?? {};
    return heldUntil === null ? 0 : Math.max(heldUntil - now, 0);
  }

  override async releaseActiveRateLimit(): Promise<void> {
    await this.change(({ admin }) => admin.endHold(this.queueName));
  }

  override getQueueDefaultJobOptions(): Record<string, never> {
    return {};
  }

  async getRedisInfo(): Promise<null> {
    return null;
  }

  override async getDatastoreStats(): Promise<null> {
    return null;
  }

  override async getArmedJobSchedulerId(): Promise<null> {
    return null;
  }

  async getJobSchedulers(): Promise<Omit<AppJobScheduler, 'queueName'>[]> {
    return [];
  }

  async getJobSchedulersCount(): Promise<number> {
    return 0;
  }

  async removeJobScheduler(): Promise<boolean> {
    return false;
  }

  override get supportsJobSchedulerUpdate(): boolean {
    return false;
  }

  async updateJobScheduler(): Promise<JobSchedulerUpdateResult> {
    return 'not-found';
  }

  override get supportsJobSchedulerRun(): boolean {
    return false;
  }

  async runJobSchedulerNow(): Promise<'not-found'> {
    return 'not-found';
  }

  private async change<T>(change: (parts: AdapterParts) => Promise<T>): Promise<T> {
    try {
      return await change(this.parts);
    } finally {
      this.parts.reads.changed();
    }
  }
}

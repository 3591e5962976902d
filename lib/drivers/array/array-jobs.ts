import type { JobState } from '../../job/job-status.js';
import type { MonotonicClock } from '../../support/clock.js';
import type { StoredStatus } from '../queue-driver.interface.js';
import { attemptOf, statusOf, toStatus, type ArrayJob } from './array-job.js';
import { ExpiringMap } from './expiring-map.js';

/**
 * Holds the jobs of all queues and their status, by job id:
 *
 * 1. derives the status of a live job from its place;
 * 2. keeps the status of an ended job for the status time;
 * 3. keeps a status that the application wrote, until the job changes its status itself, at most for the status time.
 */
export class ArrayJobs {
  private readonly live = new Map<string, ArrayJob>();
  private readonly written: ExpiringMap<StoredStatus>;

  constructor(
    statusTtl: number,
    private readonly clock: MonotonicClock,
  ) {
    this.written = new ExpiringMap(statusTtl * 1000, clock);
  }

  isLive(id: string): boolean {
    return this.live.has(id);
  }

  isKnown(id: string): boolean {
    return this.live.has(id) || this.written.get(id) !== undefined;
  }

  add(job: ArrayJob): void {
    this.live.set(job.id, job);
    this.written.delete(job.id);
  }

  /** Records that a live job changes its status now. */
  changed(job: ArrayJob): void {
    job.changedAt = this.clock.now();
    this.written.delete(job.id);
  }

  /** Ends a claimed job, and keeps its status. */
  end(job: ArrayJob, state: 'completed' | 'failed', error?: string): void {
    this.live.delete(job.id);
    this.written.set(job.id, toStatus(state, job.queue, this.clock.now(), attemptOf(job), error));
  }

  /** Removes a job and its status. */
  drop(job: ArrayJob): void {
    this.live.delete(job.id);
    this.written.delete(job.id);
  }

  statusOf(id: string): StoredStatus | null {
    const written = this.written.get(id);
    if (written) return { ...written };
    const job = this.live.get(id);
    return job ? statusOf(job) : null;
  }

  /** Overwrites a status. If the job is not known, the status has an empty queue name. */
  overwrite(id: string, state: JobState, error?: string): void {
    const { queue, attempt } = this.statusOf(id) ?? { queue: '', attempt: 0 };
    this.written.set(id, toStatus(state, queue, this.clock.now(), attempt, error));
  }
}

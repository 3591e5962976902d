import type { JobState } from '../../job/job-status.js';
import type { Clock } from '../../support/clock.js';
import type { StoredStatus } from '../queue-driver.interface.js';
import { attemptOf, statusOf, toStatus, type ArrayJob } from './array-job.js';
import { ExpiringMap } from './expiring-map.js';

/**
 * What is known of the jobs of all queues, by id.
 *
 * 1. Has the live ones, whose status follows from where they are.
 * 2. Keeps the status of those that ended for the status time.
 * 3. Keeps what was written over a status, until the job next does something.
 */
export class ArrayJobs {
  private readonly live = new Map<string, ArrayJob>();
  private readonly written: ExpiringMap<StoredStatus>;

  constructor(
    statusTtl: number,
    private readonly clock: Clock,
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

  /** Notes that the status of a live job is another one from now on. */
  changed(job: ArrayJob): void {
    job.changedAt = this.clock.now();
    this.written.delete(job.id);
  }

  /** Ends a job, which is in the hands of a consumer, and keeps its status. */
  end(job: ArrayJob, state: 'completed' | 'failed', error?: string): void {
    this.live.delete(job.id);
    this.written.set(job.id, toStatus(state, job.queue, this.clock.now(), attemptOf(job), error));
  }

  /** Forgets a job, and its status. */
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

  /** Writes over a status. That of a job nothing is known of belongs to no queue: its name is empty. */
  overwrite(id: string, state: JobState, error?: string): void {
    const { queue, attempt } = this.statusOf(id) ?? { queue: '', attempt: 0 };
    this.written.set(id, toStatus(state, queue, this.clock.now(), attempt, error));
  }
}

import { withPriority } from '../../job/job-record.js';
import type { JobState } from '../../job/job-status.js';
import type { MonotonicClock } from '../../support/clock.js';
import { listedStateOf, restart, type ArrayJob } from './array-job.js';
import type { ArrayJobs } from './array-jobs.js';
import type { ArrayKept } from './array-kept.js';
import type { ArrayWaiters } from './array-waiters.js';
import type { ArrayWaiting } from './array-waiting.js';

/** Changes the jobs of one queue for an operator, as `QueueMending` describes. */
export class ArrayMender {
  constructor(
    private readonly queue: string,
    private readonly jobs: ArrayJobs,
    private readonly waiting: ArrayWaiting,
    private readonly kept: ArrayKept,
    private readonly waiters: ArrayWaiters,
    private readonly clock: MonotonicClock,
    /** Called with a waiting job that was removed. */
    private readonly onRemoved: (job: ArrayJob) => void,
  ) {}

  retry(ids: readonly string[]): number {
    const jobs = this.takeFailed(ids);
    this.begin(jobs);
    return jobs.length;
  }

  /**
   * Takes failed jobs from the kept ones. A job whose id a live job or another queue has stays, and so does one whose key a live job of
   * its new queue has.
   *
   * @param target the queue into which they go
   */
  takeFailed(ids: readonly string[], target = this.queue): ArrayJob[] {
    const keys = new Set<string>();
    const jobs: ArrayJob[] = [];
    for (const id of new Set(ids)) {
      const ended = this.kept.failed.get(id);
      if (!ended || this.jobs.isLive(id) || this.jobs.isElsewhere(id, this.queue)) continue;
      const { unique } = ended.job.traits;
      if (unique) {
        const owner = this.jobs.unique.ownerOf(target, unique.key);
        if (keys.has(unique.key) || (owner && !owner.isThrottled)) continue;
        keys.add(unique.key);
      }
      this.kept.failed.delete(id);
      jobs.push(ended.job);
    }
    return jobs;
  }

  /** Takes jobs that failed in another queue. */
  moveIn(jobs: readonly ArrayJob[]): void {
    for (const { id } of jobs) this.kept.forget(id);
    this.begin(jobs.map((job) => ({ ...job, queue: this.queue })));
  }

  remove(ids: readonly string[], only?: readonly JobState[]): number {
    let count = 0;
    for (const id of ids) if (this.removeOne(id, only)) count++;
    this.waiters.waitingChanged(false);
    return count;
  }

  promote(id: string): boolean {
    return this.waitingOf(id)?.place === 'delayed' && this.reschedule(id, 0);
  }

  reschedule(id: string, delay: number): boolean {
    const job = this.waitingOf(id);
    // A cancelled job that was put back is about to end.
    if (!job || (delay > 0 && this.jobs.isCancelled(id))) return false;
    if (delay > 0 || job.place === 'delayed') {
      this.waiting.remove(job);
      this.waiting.toBack(job, delay, this.clock.monotonic());
      if (job.attempts + job.crashes === 0) job.waitsSince = this.clock.now() + Math.ceil(delay * 1000);
      this.waiters.waitingChanged(delay === 0);
    }
    return true;
  }

  setPriority(id: string, priority: number): boolean {
    const job = this.waitingOf(id);
    if (!job) return false;
    if ((job.traits.priority ?? 0) !== priority) {
      this.waiting.rank(job, priority);
      job.body = withPriority(job.body, priority);
    }
    return true;
  }

  replace(id: string, header: string, body: string): boolean {
    const job = this.waitingOf(id);
    if (!job?.body.startsWith(`${header}\n`)) return false;
    job.body = body;
    return true;
  }

  /** Returns a job of this queue that waits. */
  waitingOf(id: string): ArrayJob | undefined {
    const job = this.jobs.find(id);
    return job?.queue === this.queue && job.place !== 'claimed' ? job : undefined;
  }

  /** Puts jobs that failed to the end of the queue, as new ones. */
  private begin(jobs: readonly ArrayJob[]): void {
    for (const job of jobs) {
      restart(job, this.clock.now());
      this.jobs.add(job);
      this.jobs.retried(job);
      this.waiting.toBack(job, 0, this.clock.monotonic());
    }
    this.waiters.waitingChanged(jobs.length > 0);
  }

  private removeOne(id: string, only?: readonly JobState[]): boolean {
    const isMeant = (state: JobState): boolean => !only || only.includes(state);
    const job = this.jobs.find(id);
    if (job?.queue === this.queue) {
      if (!isMeant(listedStateOf(job)) || !this.waiting.remove(job)) return false;
      this.waiting.groups.unhold(job);
      this.onRemoved(job);
      this.jobs.drop(job);
      if (!only) this.jobs.unique.endThrottle(this.queue, id);
      return true;
    }
    const ended = this.kept.failed.get(id) ?? this.kept.completed.get(id);
    if (ended ? !isMeant(ended.state) : only) return false;
    // Another queue may have a live job of that id.
    const hasStatus = !job && this.jobs.statusOf(id)?.queue === this.queue;
    this.jobs.unique.endThrottle(this.queue, id);
    this.kept.forget(id);
    if (hasStatus) this.jobs.forget(id, this.queue);
    return ended !== undefined || hasStatus;
  }
}

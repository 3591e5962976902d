import type { MonotonicClock } from '../../support/clock.js';
import { restart } from './array-job.js';
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
  ) {}

  retry(ids: readonly string[]): number {
    let count = 0;
    for (const id of ids) {
      const ended = this.kept.failed.get(id);
      if (!ended || this.jobs.isLive(id)) continue;
      this.kept.failed.delete(id);
      restart(ended.job, this.clock.now());
      this.jobs.add(ended.job);
      this.waiting.toBack(ended.job, 0, this.clock.monotonic());
      count++;
    }
    this.waiters.waitingChanged(count > 0);
    return count;
  }

  remove(ids: readonly string[], only?: 'failed'): number {
    let count = 0;
    for (const id of ids) if (this.removeOne(id, only)) count++;
    this.waiters.waitingChanged(false);
    return count;
  }

  private removeOne(id: string, only?: 'failed'): boolean {
    const job = this.jobs.find(id);
    if (job?.queue === this.queue) {
      if (only || !this.waiting.remove(job)) return false;
      this.jobs.drop(job);
      return true;
    }
    const isFailed = this.kept.failed.get(id) !== undefined;
    if (only && !isFailed) return false;
    // Another queue may have a live job of that id.
    const hasStatus = !job && this.jobs.statusOf(id)?.queue === this.queue;
    const isKept = isFailed || this.kept.completed.get(id) !== undefined;
    this.kept.forget(id);
    if (hasStatus) this.jobs.forget(id);
    return isKept || hasStatus;
  }
}

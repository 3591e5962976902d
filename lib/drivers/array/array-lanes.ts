import type { ArrayJob } from './array-job.js';
import { Deque } from './deque.js';
import { DueHeap } from './due-heap.js';

/** How many jobs one call moves from lane to lane at the most, as in a storage whose other users must not wait. */
export const MOVES_PER_CALL = 200;

/**
 * Where the jobs of one queue wait: ready to run, delayed, or suspect (their holder was lost, and they may be why). A job
 * whose holder was ever lost stays a suspect until its end. Each job knows the lane it is in.
 */
export class ArrayLanes {
  private readonly ready = new Deque<ArrayJob>();
  private readonly delayed = new DueHeap<ArrayJob>();
  private readonly suspects = new Deque<ArrayJob>();

  get readyCount(): number {
    return this.ready.length;
  }

  get delayedCount(): number {
    return this.delayed.size;
  }

  get suspectCount(): number {
    return this.suspects.length;
  }

  /** When the next delayed job is due. */
  get nextDueAt(): number | undefined {
    return this.delayed.first?.due;
  }

  /** @param delay seconds that it waits first, 0 for none */
  toBack(job: ArrayJob, delay: number, now: number): void {
    if (delay > 0) {
      job.place = 'delayed';
      this.delayed.push(job, now + Math.ceil(delay * 1000));
    } else if (job.crashes > 0) {
      this.toSuspects(job);
    } else {
      job.place = 'ready';
      this.ready.push(job);
    }
  }

  /** Puts jobs back before all others, those that were handed out first foremost. */
  toFront(jobs: readonly ArrayJob[]): void {
    for (const job of [...jobs].sort((a, b) => b.fence - a.fence)) {
      const lane = job.crashes > 0 ? this.suspects : this.ready;
      job.place = job.crashes > 0 ? 'suspect' : 'ready';
      lane.unshift(job);
    }
  }

  toSuspects(job: ArrayJob): void {
    job.place = 'suspect';
    this.suspects.push(job);
  }

  /**
   * Makes jobs that are due ready, in the order they are due.
   *
   * @returns how many: {@link MOVES_PER_CALL} at the most
   */
  promote(now: number): number {
    for (let moved = 0; moved < MOVES_PER_CALL; moved++) {
      const job = this.delayed.shiftDue(now);
      if (!job) return moved;
      this.toBack(job, 0, now);
    }
    return MOVES_PER_CALL;
  }

  /** Takes the jobs to hand out. A suspect, one at the most, goes first: it has had its turn already. */
  take(limit: number, suspects: boolean): ArrayJob[] {
    const jobs: ArrayJob[] = [];
    if (suspects && limit > 0) {
      const suspect = this.suspects.shift();
      if (suspect) jobs.push(suspect);
    }
    while (jobs.length < limit) {
      const job = this.ready.shift();
      if (!job) break;
      jobs.push(job);
    }
    return jobs;
  }

  /** Takes every job out. */
  drain(): ArrayJob[] {
    const jobs = [...this.ready, ...this.suspects, ...this.delayed.drain()];
    this.ready.clear();
    this.suspects.clear();
    return jobs;
  }
}

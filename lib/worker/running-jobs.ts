import type { HeldJob } from './prefetch-buffer.js';
import type { Attempt } from './job-executor.js';

/** A job that has a slot. */
export interface RunningJob {
  readonly attempt: Attempt;
  readonly held: HeldJob;
  /** Where it stands among those that run; -1 once it does not. */
  place: number;
}

/**
 * The jobs that run, in no order.
 *
 * A plain array, whose last one takes the place of one that ends. A `Map` that jobs are added to and deleted from all the time
 * moves to a new table again and again; the old ones point to the newer ones, so that all that was ever in them stays in memory
 * until the next full garbage collection. It cost a worker a quarter of its speed.
 */
export class RunningJobs {
  private readonly jobs: RunningJob[] = [];

  get size(): number {
    return this.jobs.length;
  }

  /** Those that run at the moment; it does not change as they end. */
  all(): readonly RunningJob[] {
    return [...this.jobs];
  }

  add(attempt: Attempt, held: HeldJob): RunningJob {
    const running: RunningJob = { attempt, held, place: this.jobs.length };
    this.jobs.push(running);
    return running;
  }

  /** Returns whether it did run. */
  remove(running: RunningJob): boolean {
    const { place } = running;
    if (place === -1) return false;
    const last = this.jobs.pop()!;
    if (last !== running) {
      this.jobs[place] = last;
      last.place = place;
    }
    running.place = -1;
    return true;
  }
}

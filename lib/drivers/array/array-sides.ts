import type { ArrayGroups } from './array-groups.js';
import type { ArrayJob } from './array-job.js';
import { ArrayReady } from './array-ready.js';

/** The ready jobs of a queue: those with a group, and the others. While both sides have jobs, each gets every second claimed job. */
export class ArraySides implements Iterable<ArrayJob> {
  readonly ungrouped: ArrayReady;
  /** How many jobs were claimed while both sides had jobs. */
  private mixed = 0;

  /** @param lowEach see {@link ArrayReady} */
  constructor(
    readonly groups: ArrayGroups,
    lowEach: number,
  ) {
    this.ungrouped = new ArrayReady(lowEach);
  }

  /** How many jobs may start. */
  get open(): number {
    return this.ungrouped.length + this.groups.length - this.groups.blocked;
  }

  push(job: ArrayJob): void {
    this.sideOf(job).push(job);
  }

  unshift(job: ArrayJob): void {
    this.sideOf(job).unshift(job);
  }

  /** Removes a job, which has to be here. */
  remove(job: ArrayJob): void {
    (this.groups.has(job) ? this.groups : this.ungrouped).remove(job);
  }

  /** See `ArrayReady.rank`. */
  rank(job: ArrayJob, change: () => void): boolean {
    return (this.groups.has(job) ? this.groups : this.ungrouped).rank(job, change);
  }

  /** Takes the next jobs. */
  take(count: number): ArrayJob[] {
    const { groups, ungrouped } = this;
    const isMixed = groups.ring.size > 0 && ungrouped.length > 0;
    const share = isMixed ? Math.floor(((this.mixed % 2) + count) / 2) : 0;
    const jobs = groups.take(share);
    jobs.push(...ungrouped.take(count - jobs.length));
    jobs.push(...groups.take(count - jobs.length));
    if (isMixed) this.mixed += jobs.length;
    return jobs;
  }

  *[Symbol.iterator](): Iterator<ArrayJob> {
    yield* this.ungrouped;
    yield* this.groups;
  }

  clear(): void {
    this.groups.clear();
    this.ungrouped.clear();
  }

  /** Forgets everything, also of jobs that run. */
  reset(): void {
    this.groups.reset();
    this.ungrouped.reset();
    this.mixed = 0;
  }

  private sideOf({ traits }: ArrayJob): ArrayGroups | ArrayReady {
    return traits.group === undefined ? this.ungrouped : this.groups;
  }
}

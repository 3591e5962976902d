import type { GroupLimits } from '../../lib/drivers/queue-limits.interface.js';
import { ModelGroups, type Grouped } from './model-groups.js';
import { ModelReady, type Ranked } from './model-ready.js';

/** The ready jobs of a queue: while there are jobs with a group and others, each side gets every second job. */
export class ModelSides<Job extends Ranked & Grouped> {
  readonly ungrouped = new ModelReady<Job>();
  readonly groups: ModelGroups<Job>;
  /** How many jobs were taken while both sides had some. */
  private taken = 0;

  constructor(limits: GroupLimits = {}) {
    this.groups = new ModelGroups(limits);
  }

  get jobs(): readonly Job[] {
    return [...this.ungrouped.jobs, ...this.groups.jobs];
  }

  push(job: Job): void {
    this.sideOf(job).push(job);
  }

  unshift(job: Job): void {
    this.sideOf(job).unshift(job);
  }

  rank(job: Job, change: () => void): void {
    if (this.groups.jobs.includes(job)) this.groups.rank(job, change);
    else this.ungrouped.rank(job, change);
  }

  take(count: number, now: number): Job[] {
    const { ungrouped, groups } = this;
    const areMixed = ungrouped.jobs.length > 0 && groups.ring.length > 0;
    const jobs = areMixed ? groups.take(Math.floor(((this.taken % 2) + count) / 2), now) : [];
    jobs.push(...ungrouped.take(count - jobs.length));
    jobs.push(...groups.take(count - jobs.length, now));
    if (areMixed) this.taken += jobs.length;
    return jobs;
  }

  /** The queue is removed: nothing is known of earlier jobs. */
  forget(): void {
    this.ungrouped.forget();
    this.groups.clear();
    this.taken = 0;
  }

  private sideOf({ group }: Job): ModelReady<Job> | ModelGroups<Job> {
    return group === undefined ? this.ungrouped : this.groups;
  }
}

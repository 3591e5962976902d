import { LOW_EACH } from './subject.interface.js';

/** The part of a job that its turn depends on. */
export interface Ranked {
  readonly id: string;
  readonly priority: number;
}

/** The ready jobs of a queue, in the order of their priorities and turns. */
export class ModelReady<Job extends Ranked> {
  readonly jobs: Job[] = [];
  /** How many jobs were taken while jobs with a priority other than 0 waited. */
  private mixed = 0;

  get ids(): string[] {
    return this.jobs.map(({ id }) => id);
  }

  push(job: Job): void {
    const behind = this.jobs.findIndex(({ priority }) => priority < job.priority);
    this.jobs.splice(behind === -1 ? this.jobs.length : behind, 0, job);
  }

  unshift(job: Job): void {
    const first = this.jobs.findIndex(({ priority }) => priority <= job.priority);
    this.jobs.splice(first === -1 ? this.jobs.length : first, 0, job);
  }

  /** Takes the next jobs: in front those that are owed to the lowest priority. */
  take(count: number): Job[] {
    if (count === 0 || this.jobs.every(({ priority }) => priority === 0)) return this.jobs.splice(0, count);
    const lowest = this.jobs.at(-1)!.priority;
    const owed = Math.floor(((this.mixed % LOW_EACH) + count) / LOW_EACH);
    const low = this.jobs.filter(({ priority }) => priority === lowest).slice(0, owed);
    this.drop((job) => low.includes(job));
    const taken = [...low, ...this.jobs.splice(0, count - low.length)];
    this.mixed += taken.length;
    return taken;
  }

  /** @returns the jobs that match */
  drop(fits: (job: Job) => boolean): Job[] {
    const dropped = this.jobs.filter(fits);
    const left = this.jobs.filter((job) => !dropped.includes(job));
    this.jobs.splice(0, this.jobs.length, ...left);
    return dropped;
  }
}

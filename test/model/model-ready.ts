import { LOW_EACH } from './subject.interface.js';

/** The part of a job that its turn depends on. */
export interface Ranked {
  readonly id: string;
  readonly priority: number;
}

/** The rank of the jobs that come before all others. */
const FIRST = Infinity;

/** The ready jobs of a queue or of a group, in the order of their priorities and turns. */
export class ModelReady<Job extends Ranked> {
  readonly jobs: Job[] = [];
  /** The priorities by which jobs were placed: a push may replace the options of a job that keeps its place. */
  private readonly ranks = new Map<Job, number>();
  /** How many jobs were taken while jobs with a priority other than 0 waited. */
  private mixed = 0;

  get ids(): string[] {
    return this.jobs.map(({ id }) => id);
  }

  /** Returns the priority by which a job was placed. */
  rankOf(job: Job): number {
    return this.ranks.get(job) ?? 0;
  }

  push(job: Job): void {
    const behind = this.jobs.findIndex((other) => this.rankOf(other) < job.priority);
    this.place(job, behind);
  }

  unshift(job: Job): void {
    this.place(
      job,
      this.jobs.findIndex((other) => this.rankOf(other) <= job.priority),
    );
  }

  /** Puts a job in front of all others, whatever their priorities. */
  toFirst(job: Job): void {
    this.place(job, 0, FIRST);
  }

  /** Puts a job to the end of its new priority, unless it comes before all others. */
  rank(job: Job, change: () => void): void {
    const isFirst = this.rankOf(job) === FIRST;
    if (!isFirst) this.drop((other) => other === job);
    change();
    if (!isFirst) this.push(job);
  }

  /** Takes the next job of a group. Nothing is known of earlier turns if no job is left. */
  takeNext(): Job {
    const [first] = this.jobs;
    const job = this.rankOf(first!) === FIRST ? this.jobs.shift() : this.take(1)[0];
    if (this.jobs.length === 0) this.forget();
    return job!;
  }

  /** Takes the next jobs: in front those that are owed to the lowest priority. */
  take(count: number): Job[] {
    if (count === 0 || this.jobs.every((job) => this.rankOf(job) === 0)) return this.jobs.splice(0, count);
    const lowest = this.rankOf(this.jobs.at(-1)!);
    const owed = Math.floor(((this.mixed % LOW_EACH) + count) / LOW_EACH);
    const low = this.jobs.filter((job) => this.rankOf(job) === lowest).slice(0, owed);
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

  /** The queue is removed: nothing is known of earlier jobs. */
  forget(): void {
    this.mixed = 0;
  }

  private place(job: Job, index: number, rank = job.priority): void {
    this.ranks.set(job, rank);
    this.jobs.splice(index === -1 ? this.jobs.length : index, 0, job);
  }
}

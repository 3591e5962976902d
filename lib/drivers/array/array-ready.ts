import type { ArrayJob } from './array-job.js';
import { SparseList } from './sparse-list.js';

/** The class of the jobs that come before all others, above the highest priority. */
const FIRST = Infinity;

/** The ready jobs of a queue without a group, or those of a group: a list for each priority. */
export class ArrayReady implements Iterable<ArrayJob> {
  private readonly plain = new SparseList<ArrayJob>();
  /** The lists of the priorities other than 0; each has jobs. */
  private readonly classes = new Map<number, SparseList<ArrayJob>>();
  /** The priorities other than 0 by which jobs were placed: a push may replace the options of a job that keeps its place. */
  private readonly ranks = new Map<ArrayJob, number>();
  /** How many jobs were claimed while jobs with a priority waited. */
  private mixed = 0;

  /** @param lowEach one of so many claimed jobs is the oldest one of the lowest priority; 0 for none */
  constructor(private readonly lowEach: number) {}

  get length(): number {
    let length = this.plain.length;
    for (const list of this.classes.values()) length += list.length;
    return length;
  }

  /** True if there are jobs with a priority other than 0. */
  get isRanked(): boolean {
    return this.classes.size > 0;
  }

  /** Returns the priority by which a job was placed. */
  priorityOf(job: ArrayJob): number {
    return this.ranks.get(job) ?? 0;
  }

  push(job: ArrayJob): void {
    this.enter(job).push(job);
  }

  unshift(job: ArrayJob): void {
    this.enter(job).unshift(job);
  }

  /** Puts a job in front of all others, whatever their priorities. */
  toFirst(job: ArrayJob): void {
    this.enter(job, FIRST).unshift(job);
  }

  /** Removes a job, which has to be here. */
  remove(job: ArrayJob): void {
    const priority = this.priorityOf(job);
    (this.classes.get(priority) ?? this.plain).remove(job);
    this.forget(priority, [job]);
  }

  /** Moves a job, which has to be here, to the end of its new priority, unless it comes before all others. @returns whether it moved */
  rank(job: ArrayJob, change: () => void): boolean {
    const moves = this.priorityOf(job) !== FIRST;
    if (moves) this.remove(job);
    change();
    if (moves) this.push(job);
    return moves;
  }

  /** Takes the next job. */
  takeNext(): ArrayJob | undefined {
    const [job] = this.classes.has(FIRST) ? this.takeOf(FIRST, 1) : this.take(1);
    return job;
  }

  /** Takes the next jobs, the highest priority first. */
  take(count: number): ArrayJob[] {
    if (this.classes.size === 0) return takeFrom(this.plain, count);
    const owed = this.lowEach > 0 ? Math.floor(((this.mixed % this.lowEach) + count) / this.lowEach) : 0;
    const jobs = this.takeOf(this.priorities().at(-1)!, Math.min(owed, count));
    for (const priority of this.priorities()) jobs.push(...this.takeOf(priority, count - jobs.length));
    this.mixed += jobs.length;
    return jobs;
  }

  /** The jobs in the order of their turns. */
  *[Symbol.iterator](): Iterator<ArrayJob> {
    for (const priority of this.priorities()) yield* this.classes.get(priority) ?? this.plain;
  }

  clear(): void {
    this.plain.clear();
    this.classes.clear();
    this.ranks.clear();
  }

  /** Forgets everything. */
  reset(): void {
    this.clear();
    this.mixed = 0;
  }

  /** The priorities of which there are jobs, the highest one first. */
  private priorities(): number[] {
    const all = [...this.classes.keys()];
    if (this.plain.length > 0) all.push(0);
    return all.sort((a, b) => b - a);
  }

  private takeOf(priority: number, count: number): ArrayJob[] {
    const jobs = takeFrom(this.classes.get(priority) ?? this.plain, count);
    this.forget(priority, jobs);
    return jobs;
  }

  /** Returns the list for a job that becomes ready. */
  private enter(job: ArrayJob, priority = job.traits.priority ?? 0): SparseList<ArrayJob> {
    if (priority === 0) return this.plain;
    this.ranks.set(job, priority);
    let list = this.classes.get(priority);
    if (!list) this.classes.set(priority, (list = new SparseList()));
    return list;
  }

  /** @param jobs those that left */
  private forget(priority: number, jobs: readonly ArrayJob[]): void {
    if (priority === 0) return;
    for (const job of jobs) this.ranks.delete(job);
    if (this.classes.get(priority)?.length === 0) this.classes.delete(priority);
  }
}

function takeFrom(list: SparseList<ArrayJob>, count: number): ArrayJob[] {
  const jobs: ArrayJob[] = [];
  while (jobs.length < count) {
    const job = list.shift();
    if (!job) break;
    jobs.push(job);
  }
  return jobs;
}
